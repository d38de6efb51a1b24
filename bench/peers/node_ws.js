// The smallest honest chat with Node and the `ws` module.
'use strict';
const { WebSocketServer } = require('ws');

const rooms = new Map();
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) });

server.on('connection', (socket, request) => {
  const name = request.url;
  if (!rooms.has(name)) rooms.set(name, new Set());
  const room = rooms.get(name);
  room.add(socket);
  socket.on('message', (data) => {
    const text = data.toString();
    for (const member of room) member.send(text);
  });
  socket.on('close', () => room.delete(socket));
});
