const u = 'http://127.0.0.1:3610'
const r = await fetch(u + '/sign-in')
const ck = (x) =>
  x.headers
    .getSetCookie()
    .map((c) => c.split(';')[0])
    .join('; ')
const s = await fetch(u + '/sign-in', {
  method: 'POST',
  redirect: 'manual',
  headers: {
    'content-type': 'application/x-www-form-urlencoded',
    cookie: ck(r),
    origin: u,
    'sec-fetch-site': 'same-origin',
  },
  body: new URLSearchParams({ email: 'ada@journey.example', password: 'Vg7#words-nobody-guesses-2026' }),
})
const cookie = ck(s)
for (const p of process.argv.slice(2))
  for (let i = 0; i < 4; i++) {
    const t = performance.now()
    const a = await fetch(u + p, { headers: { cookie } })
    const x = await a.text()
    console.log(p, a.status, Math.round(performance.now() - t), 'ms', x.length)
  }
