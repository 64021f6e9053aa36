"""Charts as ECharts options: plain data, no functions, so that a strict content security policy holds."""
