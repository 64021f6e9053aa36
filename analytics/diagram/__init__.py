"""A lifecycle as a picture: states one below the other, steps as lines beside them; as SVG and for a terminal."""
