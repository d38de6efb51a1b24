// A scripted evening with Node's own WebSocket: the frames to say come as JSON, what is heard goes
// out as lines. Used by test_clients.py.
const [address, origin, cookie, script] = process.argv.slice(2);
const socket = new WebSocket(address, { headers: { Origin: origin, Cookie: cookie } });
const says = JSON.parse(script);

socket.addEventListener("open", () => socket.send(JSON.stringify(says.shift())));
socket.addEventListener("message", ({ data }) => {
  console.log(data);
  const last = data.split("\n").map((line) => JSON.parse(line).frame).at(-1);
  if (["welcome", "heartbeat", "done", "refused"].includes(last)) {
    if (says.length) socket.send(JSON.stringify(says.shift()));
    else socket.close(1000);
  }
});
socket.addEventListener("close", ({ code }) => console.log(JSON.stringify({ frame: "close", code })));
