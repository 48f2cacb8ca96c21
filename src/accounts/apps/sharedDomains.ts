/**
 * Whether the hosts right under a name belong to many owners: names of registries, and of hosters that give each customer
 * one under theirs. The registries' by their shape, the hosters' by name, those that an owner is likely to meet. The whole
 * list (publicsuffix.org, which libraries carry) changes by the week, and its licence is none that we take.
 */
export const isShared = (name: string): boolean =>
  !name.includes('.') || OF_REGISTRIES.test(name) || OF_HOSTERS.has(name) || OF_REGIONS.test(name)

const OF_REGISTRIES =
  /^(ac|asn|co|com|ed|edu|firm|gen|go|gob|gouv|gov|govt|gv|id|ind|info|k12|lg|ltd|me|mil|muni|ne|net|nhs|nom|or|org|plc|police|priv|sch|school|web)\.[a-z]{2}$/

const OF_HOSTERS = new Set([
  // Sites and code
  'github.io',
  'githubpreview.dev',
  'gitlab.io',
  'bitbucket.io',
  'codeberg.page',
  'readthedocs.io',
  'netlify.app',
  'vercel.app',
  'now.sh',
  'surge.sh',
  'pages.dev',
  'workers.dev',
  'glitch.me',
  'repl.co',
  'replit.app',
  'replit.dev',
  'stackblitz.io',
  'webcontainer.io',
  'lovable.app',
  'webflow.io',
  'framer.app',
  'framer.website',
  'blogspot.com',
  'wordpress.com',
  'tumblr.com',
  'weebly.com',
  'wixsite.com',
  'myshopify.com',
  'notion.site',
  'neocities.org',
  // Apps and clouds
  'herokuapp.com',
  'onrender.com',
  'fly.dev',
  'railway.app',
  'up.railway.app',
  'deno.dev',
  'deno.net',
  'koyeb.app',
  'northflank.app',
  'ondigitalocean.app',
  'appspot.com',
  'run.app',
  'web.app',
  'firebaseapp.com',
  'cloudfunctions.net',
  'azurewebsites.net',
  'azurestaticapps.net',
  'azurecontainerapps.io',
  'azurefd.net',
  'azureedge.net',
  'cloudapp.net',
  'cloudapp.azure.com',
  'amplifyapp.com',
  'cloudfront.net',
  'elasticbeanstalk.com',
  'awsapprunner.com',
  'supabase.co',
  'hf.space',
  'streamlit.app',
  // Tunnels and names for machines at home
  'ngrok.io',
  'ngrok.app',
  'ngrok.dev',
  'ngrok-free.app',
  'ngrok-free.dev',
  'trycloudflare.com',
  'loca.lt',
  'duckdns.org',
  'dyndns.org',
  'no-ip.org',
  'ddns.net',
  'nip.io',
  'sslip.io',
  'xip.io',
  // Sold like names of a registry
  'uk.com',
  'us.com',
  'de.com',
  'eu.org',
])

/** One for each region of a cloud. */
const OF_REGIONS =
  /^([a-z0-9-]+\.(awsapprunner\.com|azurecontainerapps\.io|azurestaticapps\.net|cloudapp\.azure\.com|elasticbeanstalk\.com|r\.appspot\.com|run\.app)|execute-api\.[a-z0-9-]+\.amazonaws\.com)$/
