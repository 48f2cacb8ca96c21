/** A user agent as a browser or program sends it, and what people would call the device. */
export interface Agent {
  ua: string
  /** "Chrome 142 on Windows" */
  text: string
  type: string
  osVersion?: string
  model?: string
}

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)'
const MAC = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)'
const LINUX = 'Mozilla/5.0 (X11; Linux x86_64)'
const ANDROID = 'Mozilla/5.0 (Linux; Android 10; K)'
const KIT = 'AppleWebKit/537.36 (KHTML, like Gecko)'
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)'

export const AGENTS: Agent[] = [
  {
    ua: `${WINDOWS} ${KIT} Chrome/142.0.0.0 Safari/537.36`,
    text: 'Chrome 142 on Windows',
    type: 'desktop',
    osVersion: '10 or 11',
  },
  {
    ua: `${WINDOWS} ${KIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.3595.65`,
    text: 'Edge 142 on Windows',
    type: 'desktop',
    osVersion: '10 or 11',
  },
  {
    ua: `${WINDOWS} ${KIT} Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0`,
    text: 'Opera 125 on Windows',
    type: 'desktop',
    osVersion: '10 or 11',
  },
  {
    ua: `${WINDOWS} ${KIT} Chrome/142.0.0.0 Safari/537.36 Vivaldi/7.7.3851.52`,
    text: 'Vivaldi 7.7 on Windows',
    type: 'desktop',
    osVersion: '10 or 11',
  },
  {
    ua: `${WINDOWS} ${KIT} Chrome/138.0.0.0 YaBrowser/25.8.0.0 Safari/537.36`,
    text: 'Yandex Browser 25.8 on Windows',
    type: 'desktop',
    osVersion: '10 or 11',
  },
  {
    ua: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0',
    text: 'Firefox 145 on Windows',
    type: 'desktop',
    osVersion: '10 or 11',
  },
  {
    ua: 'Mozilla/5.0 (Windows NT 6.1; Win64; x64; rv:115.0) Gecko/20100101 Firefox/115.0',
    text: 'Firefox 115 on Windows',
    type: 'desktop',
    osVersion: '7',
  },
  {
    ua: 'Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko',
    text: 'Internet Explorer 11 on Windows',
    type: 'desktop',
    osVersion: '10 or 11',
  },
  { ua: `${MAC} ${KIT} Chrome/142.0.0.0 Safari/537.36`, text: 'Chrome 142 on macOS', type: 'desktop' },
  {
    ua: `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15`,
    text: 'Safari 26.1 on macOS',
    type: 'desktop',
  },
  {
    ua: `${MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15`,
    text: 'Safari 18.6 on macOS',
    type: 'desktop',
  },
  { ua: `${MAC} ${KIT} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0`, text: 'Edge 142 on macOS', type: 'desktop' },
  {
    ua: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0',
    text: 'Firefox 145 on macOS',
    type: 'desktop',
  },
  {
    ua: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_13_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.2 Safari/605.1.15',
    text: 'Safari 13.1 on macOS',
    type: 'desktop',
    osVersion: '10.13.6',
  },
  { ua: `${LINUX} ${KIT} Chrome/142.0.0.0 Safari/537.36`, text: 'Chrome 142 on Linux', type: 'desktop' },
  {
    ua: 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
    text: 'Firefox 145 on Linux',
    type: 'desktop',
  },
  {
    ua: 'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    text: 'Firefox 140 on Linux',
    type: 'desktop',
  },
  {
    ua: `${LINUX} ${KIT} HeadlessChrome/142.0.0.0 Safari/537.36`,
    text: 'Chrome Headless 142 on Linux',
    type: 'desktop',
  },
  {
    ua: `${LINUX} ${KIT} Ubuntu Chromium/120.0.0.0 Chrome/120.0.0.0 Safari/537.36`,
    text: 'Chromium 120 on Linux',
    type: 'desktop',
  },
  {
    ua: `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${KIT} Chrome/142.0.0.0 Safari/537.36`,
    text: 'Chrome 142 on ChromeOS',
    type: 'desktop',
  },
  {
    ua: `${IPHONE} Version/26.1 Mobile/15E148 Safari/604.1`,
    text: 'Safari 26.1 on iOS',
    type: 'mobile',
    osVersion: '26.1',
    model: 'iPhone',
  },
  {
    ua: `${IPHONE} Version/18.6 Mobile/15E148 Safari/604.1`,
    text: 'Safari 18.6 on iOS',
    type: 'mobile',
    osVersion: '18.6',
    model: 'iPhone',
  },
  {
    ua: `${IPHONE} CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1`,
    text: 'Chrome 142 on iOS',
    type: 'mobile',
    osVersion: '18.6',
    model: 'iPhone',
  },
  {
    ua: `${IPHONE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15`,
    text: 'Firefox 145 on iOS',
    type: 'mobile',
    osVersion: '18.6',
    model: 'iPhone',
  },
  {
    ua: `${IPHONE} Version/18.0 EdgiOS/142.0.3595.66 Mobile/15E148 Safari/604.1`,
    text: 'Edge 142 on iOS',
    type: 'mobile',
    osVersion: '18.6',
    model: 'iPhone',
  },
  {
    ua: `${IPHONE} GSA/393.0.823146525 Mobile/15E148 Safari/604.1`,
    text: 'Google app 393 on iOS',
    type: 'mobile',
    osVersion: '18.6',
    model: 'iPhone',
  },
  {
    ua: `${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/535.0.0.46.103;FBBV/810233422;FBDV/iPhone15,2;FBMD/iPhone;FBSN/iOS;FBSV/18.6;FBSS/3;FBCR/;FBID/phone;FBLC/de_DE;FBOP/80]`,
    text: 'Facebook 535 on iOS',
    type: 'mobile',
    osVersion: '18.6',
    model: 'iPhone',
  },
  {
    ua: `${IPHONE} Mobile/15E148 Instagram 405.0.0.28.69 (iPhone15,2; iOS 18_6; de_DE; de; scale=3.00; 1179x2556; 807231220)`,
    text: 'Instagram 405 on iOS',
    type: 'mobile',
    osVersion: '18.6',
    model: 'iPhone',
  },
  { ua: `${IPHONE} Mobile/15E148`, text: 'Safari WebView on iOS', type: 'mobile', osVersion: '18.6', model: 'iPhone' },
  {
    ua: 'Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.7 Mobile/15E148 Safari/604.1',
    text: 'Safari 17.7 on iPadOS',
    type: 'tablet',
    osVersion: '17.7',
    model: 'iPad',
  },
  { ua: `${ANDROID} ${KIT} Chrome/142.0.0.0 Mobile Safari/537.36`, text: 'Chrome 142 on Android', type: 'mobile' },
  { ua: `${ANDROID} ${KIT} Chrome/142.0.0.0 Safari/537.36`, text: 'Chrome 142 on Android', type: 'tablet' },
  {
    ua: `${ANDROID} ${KIT} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
    text: 'Samsung Internet 29 on Android',
    type: 'mobile',
  },
  {
    ua: `${ANDROID} ${KIT} Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0`,
    text: 'Edge 142 on Android',
    type: 'mobile',
  },
  {
    ua: `${ANDROID} ${KIT} Chrome/141.0.0.0 Mobile Safari/537.36 OPR/92.0.0.0`,
    text: 'Opera 92 on Android',
    type: 'mobile',
  },
  {
    ua: 'Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0',
    text: 'Firefox 145 on Android',
    type: 'mobile',
    osVersion: '16',
  },
  {
    ua: 'Mozilla/5.0 (Android 14; Tablet; rv:145.0) Gecko/145.0 Firefox/145.0',
    text: 'Firefox 145 on Android',
    type: 'tablet',
    osVersion: '14',
  },
  {
    ua: `Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) ${KIT} Version/4.0 Chrome/142.0.7444.102 Mobile Safari/537.36`,
    text: 'Android WebView 142 on Android',
    type: 'mobile',
    osVersion: '14',
    model: 'SM-S918B',
  },
  {
    ua: `Mozilla/5.0 (Linux; Android 15; Pixel 8 Pro) ${KIT} Chrome/130.0.6723.58 Mobile Safari/537.36`,
    text: 'Chrome 130 on Android',
    type: 'mobile',
    osVersion: '15',
    model: 'Pixel 8 Pro',
  },
  {
    ua: `Mozilla/5.0 (Linux; Android 13; SM-X700) ${KIT} Chrome/120.0.6099.144 Safari/537.36`,
    text: 'Chrome 120 on Android',
    type: 'tablet',
    osVersion: '13',
    model: 'SM-X700',
  },
  {
    ua: `Mozilla/5.0 (Linux; U; Android 13; zh-cn; 2201123C Build/TKQ1.220807.001) ${KIT} Version/4.0 Chrome/112.0.5615.136 Mobile Safari/537.36 XiaoMi/MiuiBrowser/18.5.30929`,
    text: 'MIUI Browser 18.5 on Android',
    type: 'mobile',
    osVersion: '13',
    model: '2201123C',
  },
  {
    ua: `Mozilla/5.0 (Linux; Android 11; CUBOT KING KONG) ${KIT} Chrome/119.0.0.0 Mobile Safari/537.36`,
    text: 'Chrome 119 on Android',
    type: 'mobile',
    osVersion: '11',
    model: 'CUBOT KING KONG',
  },
  {
    ua: `Mozilla/5.0 (SMART-TV; LINUX; Tizen 7.0) ${KIT} 94.0.4606.31/7.0 TV Safari/537.36`,
    text: 'Safari on Tizen',
    type: 'tv',
    osVersion: '7.0',
  },
  {
    ua: `Mozilla/5.0 (Web0S; Linux/SmartTV) ${KIT} Chrome/108.0.5359.211 Safari/537.36 WebAppManager`,
    text: 'Chrome 108 on webOS',
    type: 'tv',
  },
  {
    ua: `Mozilla/5.0 (PlayStation; PlayStation 5/8.20) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15`,
    text: 'Safari 13 on PlayStation',
    type: 'tv',
    osVersion: '5',
    model: 'PlayStation 5',
  },
  {
    ua: `Mozilla/5.0 (Linux; Android 9; KFMAWI) ${KIT} Silk/142.3.1 like Chrome/142.0.0.0 Safari/537.36`,
    text: 'Amazon Silk 142.3 on Android',
    type: 'tablet',
    osVersion: '9',
    model: 'KFMAWI',
  },
  {
    ua: `${WINDOWS} ${KIT} Slack/4.46.99 Chrome/138.0.7204.251 Electron/37.6.0 Safari/537.36`,
    text: 'Electron 37.6 on Windows',
    type: 'desktop',
    osVersion: '10 or 11',
  },
  { ua: 'curl/8.5.0', text: 'curl 8.5', type: 'script' },
  { ua: 'curl/7.88.1', text: 'curl 7.88', type: 'script' },
  { ua: 'Wget/1.21.3 (linux-gnu)', text: 'Wget 1.21 on Linux', type: 'script' },
  { ua: 'python-requests/2.32.3', text: 'python-requests 2.32', type: 'script' },
  { ua: 'Python/3.12 aiohttp/3.10.5', text: 'Python 3.12', type: 'script' },
  { ua: 'Go-http-client/2.0', text: 'Go-http-client 2', type: 'script' },
  { ua: 'okhttp/4.12.0', text: 'okhttp 4.12', type: 'script' },
  { ua: 'node', text: 'node', type: 'script' },
  { ua: 'axios/1.7.7', text: 'axios 1.7', type: 'script' },
  { ua: 'PostmanRuntime/7.42.0', text: 'PostmanRuntime 7.42', type: 'script' },
  {
    ua: 'Mozilla/5.0 (Windows NT; Windows NT 10.0; de-DE) WindowsPowerShell/5.1.22621.4391',
    text: 'PowerShell 5.1 on Windows',
    type: 'script',
  },
  { ua: 'acme-backup/1.4', text: 'acme-backup 1.4', type: 'script' },
  {
    ua: 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    text: 'Googlebot 2.1',
    type: 'bot',
  },
  {
    ua: `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) ${KIT} Chrome/142.0.7444.59 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
    text: 'Googlebot 2.1 on Android',
    type: 'bot',
    osVersion: '6.0.1',
  },
  {
    ua: `Mozilla/5.0 ${KIT}; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36`,
    text: 'bingbot 2',
    type: 'bot',
  },
  { ua: `Mozilla/5.0 ${KIT}; compatible; GPTBot/1.2; +https://openai.com/gptbot)`, text: 'GPTBot 1.2', type: 'bot' },
  { ua: 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)', text: 'Slackbot-LinkExpanding', type: 'bot' },
  {
    ua: 'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
    text: 'facebookexternalhit 1.1',
    type: 'bot',
  },
  { ua: 'WhatsApp/2.23.20.0 A', text: 'WhatsApp 2.23', type: 'bot' },
  { ua: '', text: 'Unknown device', type: 'unknown' },
  { ua: 'Mozilla/5.0', text: 'Unknown device', type: 'unknown' },
]
