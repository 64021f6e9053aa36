"""The ClickHouse client and the profiles of its DDL."""
