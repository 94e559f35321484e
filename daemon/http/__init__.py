"""HTTP, WebSocket and OSCQuery, served by a process of their own so that no crowd of clients can hold the music up."""
