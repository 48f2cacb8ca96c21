// The choice is kept in a cookie that the server reads, so that a page never flashes in the other theme.
document.addEventListener('submit', (event) => {
  if (!event.target.matches('[data-theme-form]')) return
  event.preventDefault()
  const root = document.documentElement
  const dark =
    getComputedStyle(root).colorScheme === 'dark' ||
    (!root.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches)
  root.dataset.theme = dark ? 'light' : 'dark'
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is not everywhere yet
  document.cookie = `theme=${root.dataset.theme}; Path=/; Max-Age=31536000; SameSite=Lax${location.protocol === 'https:' ? '; Secure' : ''}`
})
