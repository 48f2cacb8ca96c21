/**
 * Where the demo's people are. Each network is an IPv4 /24 of a provider that sells there: broadband at home, a
 * business line for the office, a mobile carrier for the phone. `tests/unit/demo/networks.test.ts` looks every one up.
 */
export interface DemoPlace {
  city: string
  /** ISO 3166-1 alpha-2 */
  country: string
  /** IANA time zone */
  zone: string
  home: string[]
  office: string[]
  phone: string[]
}

export const PLACES: readonly DemoPlace[] = [
  place('New York', 'US', 'America/New_York', {
    home: '68.160.239 108.29.217 68.161.7 98.14.130 67.251.205 149.89.174 74.16.155 74.29.219 74.16.68',
    office: '206.173.101',
    phone: '174.192.170 97.135.5',
  }),
  place('Chicago', 'US', 'America/Chicago', {
    home: '96.68.34 71.239.74 70.236.237 108.206.204',
    office: '75.11.77',
    phone: '166.175.217 166.175.118',
  }),
  place('San Francisco', 'US', 'America/Los_Angeles', {
    home: '173.8.159 50.197.137 198.27.235 23.93.185 207.214.59 67.116.23',
    office: '63.202.205',
    phone: '216.103.217 66.121.154',
  }),
  place('Toronto', 'CA', 'America/Toronto', {
    home: '99.230.14 99.233.18 142.186.25 70.50.21',
    office: '142.188.51',
    phone: '174.119.79 70.28.142',
  }),
  place('Mexico City', 'MX', 'America/Mexico_City', {
    home: '189.186.165 201.104.0 148.230.214 187.188.152',
    office: '200.64.43',
    phone: '189.130.167 200.79.93',
  }),
  place('São Paulo', 'BR', 'America/Sao_Paulo', {
    home: '187.180.207 187.38.6 201.42.250 200.204.156',
    office: '201.63.49',
    phone: '179.169.7 179.79.253',
  }),
  place('London', 'GB', 'Europe/London', {
    home: '81.149.13 86.131.14 109.151.192 176.253.31 176.26.116 176.248.43 82.15.9 62.252.52 86.5.238',
    office: '212.127.5',
    phone: '80.177.248 212.158.196',
  }),
  place('Dublin', 'IE', 'Europe/Dublin', {
    home: '86.43.8 83.71.219 95.45.251 89.100.86 79.97.101 89.100.137',
    office: '159.134.123',
    phone: '89.204.235 109.77.172',
  }),
  place('Berlin', 'DE', 'Europe/Berlin', {
    home: '79.210.161 79.198.82 80.137.35 95.91.18 185.206.107 2.205.83 46.189.66 92.116.230 217.199.70',
    office: '37.80.118',
    phone: '77.191.153 89.14.104',
  }),
  place('Munich', 'DE', 'Europe/Berlin', {
    home: '193.30.192 62.159.200 82.135.5 93.104.50',
    office: '88.217.112',
    phone: '93.134.44 62.53.110',
  }),
  place('Paris', 'FR', 'Europe/Paris', {
    home: '86.239.231 92.163.60 88.167.225 78.203.144',
    office: '90.56.154',
    phone: '109.1.163 87.88.37',
  }),
  place('Madrid', 'ES', 'Europe/Madrid', {
    home: '81.42.52 95.126.245 95.20.172 92.189.165',
    office: '37.13.186',
    phone: '188.86.65 77.210.123',
  }),
  place('Amsterdam', 'NL', 'Europe/Amsterdam', {
    home: '86.85.158 77.161.88 217.103.203 213.124.188',
    office: '86.94.41',
    phone: '62.166.147 188.89.18',
  }),
  place('Stockholm', 'SE', 'Europe/Stockholm', {
    home: '95.199.29 2.254.71 62.63.225 98.128.40 31.209.61 85.30.56',
    office: '194.23.52',
    phone: '83.252.118 85.227.9',
  }),
  place('Kraków', 'PL', 'Europe/Warsaw', {
    home: '83.13.238 83.22.227 62.61.34 94.251.135',
    office: '77.252.213',
    phone: '217.96.187 31.179.202',
  }),
  place('Warsaw', 'PL', 'Europe/Warsaw', {
    home: '31.63.117 37.47.52 77.254.252 62.87.235',
    office: '87.205.196',
    phone: '109.243.137 46.112.148',
  }),
  place('Beirut', 'LB', 'Asia/Beirut', {
    home: '212.98.147 213.204.69 178.135.253 178.135.237',
    office: '193.227.186',
    phone: '77.42.131 94.187.27',
  }),
  place('Lagos', 'NG', 'Africa/Lagos', {
    home: '154.118.86 154.120.66 41.184.78 41.184.38',
    office: '41.184.39',
    phone: '102.89.174 105.115.43',
  }),
  place('Accra', 'GH', 'Africa/Accra', {
    home: '41.66.203 197.251.226 154.170.147 154.175.97',
    office: '41.139.42',
    phone: '154.166.25 197.190.248',
  }),
  place('Cape Town', 'ZA', 'Africa/Johannesburg', {
    home: '105.228.94 41.145.14 165.255.177 197.242.149',
    office: '165.0.146',
    phone: '41.3.177 197.72.233',
  }),
  place('Bengaluru', 'IN', 'Asia/Kolkata', {
    home: '106.51.189 106.51.232 49.207.243 122.179.54 122.181.17 122.179.245',
    office: '125.17.222',
    phone: '106.196.48 152.57.35',
  }),
  place('Mumbai', 'IN', 'Asia/Kolkata', {
    home: '203.212.254 115.98.106 171.50.241 182.70.48',
    office: '125.20.14',
    phone: '49.33.66 223.179.16',
  }),
  place('Da Nang', 'VN', 'Asia/Ho_Chi_Minh', {
    home: '14.233.225 14.175.244 42.118.112 58.186.14',
    office: '14.233.188',
    phone: '116.110.241 171.252.131',
  }),
  place('Osaka', 'JP', 'Asia/Tokyo', {
    home: '180.145.9 121.86.216 118.6.61 125.204.196',
    office: '124.84.221',
    phone: '160.249.16 119.107.147',
  }),
  place('Tokyo', 'JP', 'Asia/Tokyo', {
    home: '153.209.87 180.32.75 203.136.170 133.204.235',
    office: '161.34.151',
    phone: '1.76.210 106.140.124',
  }),
  place('Sydney', 'AU', 'Australia/Sydney', {
    home: '144.139.101 121.208.49 203.219.187 203.166.226',
    office: '203.202.133',
    phone: '49.195.187 49.195.136',
  }),
]

/** Networks of hosting companies, where no employee sits. */
export const HOSTING = {
  /** M247, Bucharest: passwords are sprayed from here. */
  spraying: '46.102.250.31',
  /** Trabia, Chișinău: a stolen cookie is used from here. */
  theft: '178.17.172.118',
  /** AlexHost, Chișinău: was blocked days ago. */
  blocked: '91.132.189.0/24',
  /** LeaseWeb, Amsterdam: was blocked for a while, and the block ran out. */
  blockedOnce: '95.211.125.0/24',
} as const

export function placeIn(city: string): DemoPlace {
  const found = PLACES.find((place) => place.city === city)
  if (!found) throw new Error(`the demo has nobody in ${city}`)
  return found
}

function place(
  city: string,
  country: string,
  zone: string,
  networks: { home: string; office: string; phone: string },
): DemoPlace {
  const list = (text: string) => text.split(' ')
  return { city, country, zone, home: list(networks.home), office: list(networks.office), phone: list(networks.phone) }
}
