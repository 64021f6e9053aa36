"""The ways in: files of rows become scans."""
