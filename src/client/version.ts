/** Of this package, as the server's list of app processes shows it; a test holds it against package.json. */
export const VERSION = '0.1.0'
