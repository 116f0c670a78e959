"""What there is to draw: things with their names and drawings, where hats sit on them, and the sprites."""
