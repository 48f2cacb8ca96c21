import { z } from 'zod'
import { assetText } from './manifest.js'

const flags = new Map(Object.entries(z.record(z.string(), z.string()).parse(JSON.parse(assetText('flags.json')))))

/**
 * What an image of a country's flag is drawn from: itself. As files they were a request each, some fifteen for a list, and as
 * vectors a document each.
 *
 * @param country as ISO 3166 writes it: `DE`
 */
export const flagAddress = (country: string): string | undefined => flags.get(country.toLowerCase())
