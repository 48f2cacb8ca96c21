import { expect, test } from 'vitest'
import { isTyped } from '../../../src/admin/typed.js'
import { showBidiControls } from '../../../src/http/bidiControls.js'

const [OVERRIDE, ISOLATE, LEANS] = ['\u202e', '\u2067', '\u200f']

test.each([
  ['in a text', `<a>${OVERRIDE}enryB adA</a>`, '<a>\ufffdenryB adA</a>'],
  ['in an attribute', `<button aria-label="Sign out ${ISOLATE}x">`, '<button aria-label="Sign out \ufffdx">'],
  ['after a value', `<input value="a"><b title="${OVERRIDE}">`, '<input value="a"><b title="\ufffd">'],
  ['in an attribute that only ends as a value does', `<b data-value="${OVERRIDE}">`, '<b data-value="\ufffd">'],
  ['in a text that looks like a value', `<p>value=&quot;${OVERRIDE}&quot;</p>`, '<p>value=&quot;\ufffd&quot;</p>'],
])('what turns the direction is shown %s', (_, page, shown) => expect(showBidiControls(page)).toBe(shown))

test.each([
  ['what a field holds', `<input name="name" value="${OVERRIDE}x">`],
  ['what a text area holds', `<textarea name="reason" rows="2">${OVERRIDE}x</textarea>`],
  ['what is copied', `<button data-copy="${OVERRIDE}x">`],
  ['a mark that only leans on its neighbours', `<b>שלום${LEANS}!</b>`],
])('%s stays as it is', (_, page) => expect(showBidiControls(page)).toBe(page))

test('a name is typed as it is shown, or as it is', () => {
  for (const typed of ['\ufffdShop', ` ${OVERRIDE}Shop `]) expect(isTyped(typed, `${OVERRIDE}Shop`)).toBe(true)
  expect(isTyped('Shop', `${OVERRIDE}Shop`)).toBe(false)
})
