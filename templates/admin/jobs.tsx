import type { Job } from '../../src/sessions/many/jobs.js'
import type { Page } from '../components/page.js'
import { EmptyState } from '../components/States.js'
import { Time } from '../components/Time.js'
import { Layout } from '../layout.js'
import { numberText } from '../words.js'
import { ActHeading } from './actHeading.js'
import { JobState, jobTitle } from './job.js'

/** The acts that ended many sessions at once, newest first. */
export function JobsPage({ page, jobs }: { page: Page; jobs: Job[] }) {
  return (
    <Layout
      page={page}
      nav="sessions"
      title="Mass sign-outs"
      heading={<ActHeading from={[{ href: '/admin/sessions', text: 'Sessions' }]} title="Mass sign-outs" />}
      refresh="/admin/jobs"
    >
      {jobs.length === 0 ? (
        <div class="card">
          <EmptyState icon="log-out" title="Nobody was signed out in bulk lately">
            Sign-outs of everyone, and of all that match a filter, appear here with how far they are.
          </EmptyState>
        </div>
      ) : (
        <div class="table-card">
          <table class="table jobs-table" data-rows="links" data-cards>
            <caption class="visually-hidden">Mass sign-outs, newest first</caption>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col">By</th>
                <th scope="col">When</th>
                <th scope="col">Rows marked</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {jobs.map((job) => (
                <tr data-row>
                  <th scope="row">
                    <div class="cell-two">
                      <a class="clip" href={`/admin/jobs/${job.id}`} data-row-link>
                        {jobTitle(job)}
                      </a>
                      <span class="clip muted" dir="auto">
                        {job.reason}
                      </span>
                    </div>
                  </th>
                  <td data-label="By">{job.by.name}</td>
                  <td data-label="When">
                    <Time at={job.at} />
                  </td>
                  <td data-label="Rows marked">{numberText(job.marked)}</td>
                  <td data-label="State">
                    <JobState job={job} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Layout>
  )
}
