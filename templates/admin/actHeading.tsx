import { Icon } from '../components/Icon.js'
import { Isolated } from '../components/Isolated.js'

/** Over a form that is a page of its own: where one is. The question itself is the form's heading. */
export function ActHeading({ from, title }: { from: { href: string; text: string }[]; title: string }) {
  return (
    <>
      <h1 class="visually-hidden">{title}</h1>
      <nav class="crumbs" aria-label="Where this is">
        {from.map(({ href, text }) => (
          <>
            <a class="clip" dir="auto" href={href}>
              {text}
            </a>
            <Icon name="chevron-right" />
          </>
        ))}
        <span class="clip" dir="auto" aria-current="page">
          <Isolated text={title} />
        </span>
      </nav>
    </>
  )
}

/** For what is done to an account. */
export function AccountActHeading({ account, title }: { account: { id: string; name: string }; title: string }) {
  const from = [
    { href: '/admin/accounts', text: 'Accounts' },
    { href: `/admin/accounts/${account.id}`, text: account.name },
  ]
  return <ActHeading from={from} title={title} />
}

/** For what is done to an app. */
export function AppActHeading({ app, title }: { app: { id: string; name: string }; title: string }) {
  const from = [
    { href: '/admin/apps', text: 'Apps' },
    { href: `/admin/apps/${app.id}`, text: app.name },
  ]
  return <ActHeading from={from} title={title} />
}
