"""HTTP and WebSocket: pages, forms and sockets, thin over `server`.

This is the only package that knows Starlette and Jinja. It translates between a browser and the
server, and decides nothing about rooms or people by itself.
"""
