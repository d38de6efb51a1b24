"""The protocol below the rooms: RFC 6455 to the letter, and bytes that nobody honest sends."""
