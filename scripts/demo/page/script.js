// The page of the demonstration: a chat, counters and a plot over one WebSocket.

/** Time in ms between two pings, and how many of them the plot shows. */
const PING_INTERVAL = 1_000;
const PINGS_SHOWN = 60;
/** Time in ms before the first attempt to connect again, and the longest one. */
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
const MESSAGES_KEPT = 200;

const element = (id) => document.getElementById(id);

const page = {
  socket: null,
  attempts: 0,
  /** The name and room, which are taken up again after the server was gone. */
  guest: null,
  pings: new Map(),
  nextPing: 0,
  times: [],
};

function showState(state, text) {
  element("state").dataset.state = state;
  element("state").textContent = text;
  for (const button of document.querySelectorAll("button")) button.disabled = state !== "open";
}

function send(message) {
  if (page.socket?.readyState === WebSocket.OPEN) page.socket.send(JSON.stringify(message));
}

function connect() {
  const socket = new WebSocket(`ws://${location.host}/chat`);
  page.socket = socket;
  socket.addEventListener("open", () => {
    page.attempts = 0;
    showState("open", "Connected");
    if (page.guest !== null) send({ type: "join", ...page.guest });
    ping();
  });
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    receivers[message.type]?.(message);
  });
  socket.addEventListener("close", () => {
    page.pings.clear();
    const wait = Math.min(FIRST_WAIT * 2 ** page.attempts++, LONGEST_WAIT);
    showState("reconnecting", `Reconnecting: the server is gone, attempt ${page.attempts}`);
    setTimeout(connect, wait);
  });
}

function addMessage(name, text) {
  const list = element("messages");
  const author = document.createElement("b");
  author.textContent = `${name}: `;
  const item = document.createElement("li");
  item.append(author, text);
  list.append(item);
  if (list.children.length > MESSAGES_KEPT) list.firstElementChild.remove();
  element("log").scrollTop = element("log").scrollHeight;
}

function counterRow({ protocol, counts }) {
  const row = document.createElement("tr");
  const heading = document.createElement("th");
  heading.scope = "row";
  heading.textContent = protocol;
  row.append(heading);
  const { open, connections, messagesIn, messagesOut, bytesIn, bytesOut } = counts;
  for (const value of [open, connections, messagesIn, messagesOut, bytesIn, bytesOut]) {
    row.insertCell().textContent = value.toLocaleString("en");
  }
  return row;
}

const receivers = {
  said: ({ name, text }) => addMessage(name, text),
  people: ({ room, count }) => {
    const others = count === 1 ? "nobody else" : `${count - 1} other${count === 2 ? "" : "s"}`;
    element("people").textContent = `You are in ${room} with ${others}`;
  },
  pong: ({ id }) => {
    const sent = page.pings.get(id);
    if (sent === undefined) return;
    page.pings.delete(id);
    page.times = [...page.times, performance.now() - sent].slice(-PINGS_SHOWN);
    drawPlot(page.times);
  },
  counters: ({ protocols }) => element("counters").replaceChildren(...protocols.map(counterRow)),
  exercised: ({ right, total }) => {
    element("outcome").textContent = `${right} of ${total} as expected`;
  },
  refused: ({ reason }) => {
    element("refused").textContent = reason;
  },
};

function ping() {
  if (page.socket?.readyState !== WebSocket.OPEN) return;
  const id = page.nextPing++;
  page.pings.set(id, performance.now());
  send({ type: "ping", id });
}

function drawPlot(times) {
  // The scale goes in steps of 1, 2 and 5, so that it does not wobble with every ping.
  const worst = Math.max(...times);
  const decade = 10 ** Math.floor(Math.log10(Math.max(worst, 1)));
  const top = [1, 2, 5, 10].map((step) => step * decade).find((value) => value >= worst);
  const points = times.map((time, index) => {
    const x = (index + PINGS_SHOWN - times.length) * (600 / (PINGS_SHOWN - 1));
    return `${x.toFixed(1)},${(350 - 340 * (time / top)).toFixed(1)}`;
  });
  element("curve").setAttribute("points", points.join(" "));
  element("scale").textContent = `${top} ms`;
  const sorted = times.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  element("latency").textContent = `Last ${times.at(-1).toFixed(1)} ms, median ` +
    `${median.toFixed(1)} ms, longest ${worst.toFixed(1)} ms, of ${times.length} pings`;
}

element("join").addEventListener("submit", (event) => {
  event.preventDefault();
  element("refused").textContent = "";
  const guest = { name: element("name").value, room: element("room").value };
  if (guest.room !== page.guest?.room) element("messages").replaceChildren();
  page.guest = guest;
  send({ type: "join", ...guest });
});

element("say").addEventListener("submit", (event) => {
  event.preventDefault();
  element("refused").textContent = "";
  send({ type: "say", text: element("text").value });
  element("text").value = "";
});

element("exercise").addEventListener("click", () => {
  element("outcome").textContent = "They talk";
  send({ type: "exercise" });
});

showState("connecting", "Connecting");
connect();
setInterval(ping, PING_INTERVAL);
