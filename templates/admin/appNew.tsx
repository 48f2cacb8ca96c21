import { INTEGRATIONS } from '../../src/accounts/types.js'
import type { NewAppErrors, NewAppValues } from '../../src/admin/appsNew.js'
import { Button, ButtonLink } from '../components/Button.js'
import { Card } from '../components/Card.js'
import { Field, FieldError } from '../components/Field.js'
import type { Page } from '../components/page.js'
import { Layout } from '../layout.js'
import { ActHeading } from './actHeading.js'
import { IconPicks } from './appDetails.js'
import { AppSteps } from './appSteps.js'
import { INTEGRATION_TEXTS } from './appWords.js'

interface NewAppProps {
  page: Page
  values: NewAppValues
  errors: NewAppErrors
}

/** Step one of three: what it is called, and how it asks. */
export function NewAppPage({ page, values, errors }: NewAppProps) {
  return (
    <Layout
      page={page}
      nav="apps"
      title="Add an app"
      help="apps"
      heading={<ActHeading from={[{ href: '/admin/apps', text: 'Apps' }]} title="Add an app" />}
    >
      <AppSteps at={1} />
      <form class="settings-column" method="post" action="/admin/apps">
        <Card title="What is it, and how does it ask?" line>
          <div class="stack reveals">
            <Field
              name="name"
              label="Name"
              required
              maxlength={100}
              autocomplete="off"
              placeholder="Shop"
              hint="As people see it in their list of devices"
              value={values.name}
              error={errors.name}
            />
            <IconPicks value={values.icon} />
            <fieldset class="field">
              <legend>It asks by</legend>
              <div class="choices">
                {INTEGRATIONS.map((one) => (
                  <label class="choice">
                    <input
                      class="input"
                      type="radio"
                      name="integration"
                      value={one}
                      checked={one === values.integration}
                      required
                    />
                    <span class="cell-two">
                      <span class="choice-name">{INTEGRATION_TEXTS[one].name}</span>
                      <span>{INTEGRATION_TEXTS[one].what}</span>
                    </span>
                  </label>
                ))}
              </div>
              {errors.integration && <FieldError>{errors.integration}</FieldError>}
            </fieldset>
            <div class="revealed" data-for="proxy">
              <Field
                name="host"
                label="Host that the proxy protects"
                maxlength={300}
                autocomplete="off"
                spellcheck={false}
                placeholder="wiki.example.com"
                hint="As it stands in the browser, without https://. Whoever is signed in is let in; rules by path are under Settings, Protected hosts."
                value={values.host}
                error={errors.host}
              />
            </div>
            <div class="act-foot">
              <ButtonLink href="/admin/apps" size="large">
                Cancel
              </ButtonLink>
              <Button variant="primary" size="large" icon="plus">
                Add the app
              </Button>
            </div>
          </div>
        </Card>
      </form>
    </Layout>
  )
}
