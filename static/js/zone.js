// The server says times in the browser's time zone once it knows it. Told when nothing else is to be done: the browser
// takes its time to look up the zone and the cookies.
const whenIdle = globalThis.requestIdleCallback ?? setTimeout
whenIdle(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (!zone || document.cookie.split('; ').includes(`zone=${zone}`)) return
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
  document.cookie = `zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${location.protocol === 'https:' ? '; Secure' : ''}`
})
