"""EPCIS events: read from JSON-LD or XML, judged, told apart by identity, and turned into scans."""
