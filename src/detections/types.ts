export const DETECTION_RULES = ['not-recognised', 'guessing', 'spraying'] as const
/** What a detection is by. */
export type DetectionRule = (typeof DETECTION_RULES)[number]

/** What a rule saw. */
export interface Finding {
  rule: DetectionRule
  severity: 'medium' | 'high'
  /** In plain words, for whoever decides what to do about it. */
  evidence: string
}
