// Loaded into a server process by a test: what nobody expects, on demand (S-66).
process.on('SIGUSR2', () => {
  void Promise.reject(new Error('planted: nobody expected this'))
})
