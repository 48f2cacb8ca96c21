/**
 * The side of a server that the benchmarks talk to: tells where it listens and with which cookies its sessions come.
 *
 * @param {import('node:http').Server} server
 * @param {string[]} cookies
 */
export function tellParent(server, cookies) {
  const told = { port: server.address().port, cookies }
  process.on('message', () => process.send(told))
  process.on('disconnect', () => process.exit())
}
