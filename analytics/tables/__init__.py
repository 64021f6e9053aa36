"""Tables of one's own: CSV files read strictly, each bad row named, into what the statistics take."""
