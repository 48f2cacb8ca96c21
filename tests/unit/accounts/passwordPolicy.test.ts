import { describe, expect, it } from 'vitest'
import { checkPassword } from '../../../src/accounts/passwords/passwordPolicy.js'

const problem = (password: string, context: string[] = []) => {
  const check = checkPassword(password, context)
  return check.ok ? undefined : check.problem
}

describe('the rules for a new password', () => {
  it('S-22 a password of 11 characters is refused, and the message says how many are needed', () => {
    expect(problem('k7#vQz!m2Lp')).toMatch(/11 characters.*at least 12/)
  })

  it('S-22 characters are counted, not bytes or halves of an emoji', () => {
    expect(problem('🦊🌵🚲🧲🪁🎻🧊🪵🔭🧵🪐')).toMatch(/11 characters/)
    expect(problem('🦊🌵🚲🧲🪁🎻🧊🪵🔭🧵🪐🫖')).toBeUndefined()
  })

  it('S-22 up to 256 characters are taken, one more is not', () => {
    const long = [...'correct horse battery staple '.repeat(9)].slice(0, 256).join('')
    expect(problem(long.slice(0, 255))).toBeUndefined()
    expect(problem(`${long.slice(0, 250)}${'x'.repeat(7)}`)).toMatch(/257 characters.*at most 256/)
  })

  it.each([
    'purple monkey dishwasher',
    'nur kleine buchstaben und spass',
    'ünïcödé-ïs-fïne-here',
    '                  a b c d e f q w z',
    '這是一個很長的密碼短語真的很長',
  ])('S-22 there are no rules about kinds of characters: %j is taken', (password) => {
    expect(problem(password)).toBeUndefined()
  })

  it.each([
    'password1234',
    'Password123!',
    '123456789012',
    'qwertyuiopas',
    'aaaaaaaaaaaaaaaa',
    'P@ssw0rd1234',
    'iloveyou2024',
  ])('S-22 %j is among the first that somebody would try', (password) => {
    expect(problem(password)).toMatch(/Choose another/)
  })

  it.each(['rollcallrollcall', 'Ada.Byrne.2024', 'ada.byrne@example.com', 'exampleexample', 'byrne-rollcall'])(
    'S-22 %j is made of what one knows of the person',
    (password) => {
      expect(problem(password, ['ada.byrne@example.com', 'Ada Byrne'])).toBeDefined()
    },
  )

  it('S-22 a combined and a decomposed spelling count the same', () => {
    expect(problem('e\u0301'.repeat(6))).toMatch(/6 characters/)
  })

  it('S-22 a hostile password of 256 characters is judged by its first 64', () => {
    const hostile = 'l1!|i$5s'.repeat(32)
    expect(problem(hostile)).toBe(problem(hostile.slice(0, 64)))
  })
})
