import type { Device } from '../../src/devices/types.js'
import { BrowserMark, OsMark } from './Icon.js'

/** "Chrome 142": the major version is what people know. */
export function browserText({ browser, browserVersion }: Pick<Device, 'browser' | 'browserVersion'>): string {
  if (!browser) return 'Unknown browser'
  const major = browserVersion?.split('.')[0]
  return major ? `${browser} ${major}` : browser
}

/** "iPhone", "Pixel 9", else the system: other models are codes that nobody knows. */
export const systemText = ({ os, model }: Device): string =>
  model && /^(iP(hone|ad|od)|Pixel)/.test(model) ? model : (os ?? 'Unknown system')

/** Browser over system, each with its mark; on a phone "Chrome 142 on Windows" in one line. */
export function DeviceCell({ device }: { device: Device }) {
  return (
    <div class="s-device-box">
      <span class="with-mark">
        <BrowserMark browser={device.browser} />
        <span class="clip">{browserText(device)}</span>
      </span>
      <span class="with-mark s-os">
        <OsMark os={device.os} />
        <span class="clip">
          <span class="phone-only">on </span>
          {systemText(device)}
        </span>
      </span>
    </div>
  )
}
