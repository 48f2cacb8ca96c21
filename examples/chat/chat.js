const [said, form, status, again] = ['said', 'say', 'status', 'again'].map((id) => document.getElementById(id))

/** What the socket was closed with. These two are for good: there is nothing to try again. */
const CLOSED = { 4401: 'You were signed out (4401).', 4403: 'You were blocked (4403).' }

connect()

function connect() {
  const socket = new WebSocket(location.origin.replace('http', 'ws'))
  socket.onopen = () => {
    form.hidden = false
    tell('You are in.')
  }
  socket.onmessage = ({ data }) => said.appendChild(document.createElement('li')).append(data)
  socket.onclose = ({ code }) => {
    form.hidden = true
    if (CLOSED[code]) {
      again.hidden = false
      return tell(CLOSED[code])
    }
    tell('The line is broken. Trying again…')
    setTimeout(connect, 2000)
  }
  form.onsubmit = (event) => {
    event.preventDefault()
    socket.send(form.text.value)
    form.reset()
  }
}

function tell(text) {
  status.textContent = text
}
