import { numberText } from '../words.js'

export interface Tab {
  href: string
  label: string
  count?: number
  on?: boolean
}

/** Links that look like tabs: each has its own address. */
export function Tabs({ label, tabs }: { label: string; tabs: Tab[] }) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <a class="tab" href={tab.href} aria-current={tab.on ? 'page' : undefined}>
          {tab.label}
          {tab.count !== undefined && <span class="tab-count">{numberText(tab.count)}</span>}
        </a>
      ))}
    </nav>
  )
}
