// The smallest honest chat with Node and socket.io, over its WebSocket transport.
'use strict';
const { createServer } = require('http');
const { Server } = require('socket.io');

const http = createServer();
const server = new Server(http, { transports: ['websocket'], pingInterval: 600000 });

server.on('connection', (socket) => {
  socket.on('come', (room) => {
    socket.join(room);
    socket.emit('here', room);
  });
  socket.on('say', (message) => server.to(message.room).emit('said', message));
});

http.listen(Number(process.argv[2]), '127.0.0.1');
