import { expect, test } from 'vitest'
import { Flag } from '../../../templates/components/Icon.js'

test('a flag says its country in words, and nothing where the words stand beside it', () => {
  expect(String(<Flag country="DE" />)).toMatch(/alt="Germany" title="Germany"/)
  expect(String(<Flag country="DE" silent />)).toContain('alt=""')
  expect(String(<Flag country="DE" silent />)).not.toContain('title')
})
