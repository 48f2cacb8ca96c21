import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** A certificate that signs itself, in `example.com.crt`, with its key in `example.com.key`. */
export function makeCertificate(folder: string, names: string[]) {
  const files = ['-keyout', join(folder, 'example.com.key'), '-out', join(folder, 'example.com.crt')]
  const subject = [
    '-subj',
    '/CN=example.com',
    '-addext',
    `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`,
  ]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...key, '-days', '2', ...files, ...subject], { stdio: 'ignore' })
}
