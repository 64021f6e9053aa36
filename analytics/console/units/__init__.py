"""The page of one unit: how it is found, what is known of it now and was known then, how that is shown."""
