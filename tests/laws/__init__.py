"""Laws that hold over every command and event, present and future."""
