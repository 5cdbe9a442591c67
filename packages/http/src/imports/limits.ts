/** The limits of imports. Times are in milliseconds. */

const second = 1_000
const day = 86_400 * second

/** Jobs of one workspace that are queued or running, or have failed and can go on. */
export const maxOpenJobs = 20
/** Jobs of one workspace that can be looked up; older ones that are over go first. */
export const maxKeptJobs = 1_000

/** Jobs that run at once in one process: one for each workspace at most. */
export const maxRunning = 4
/** Rows of one batch: few, so that other calls never wait long. */
export const batchRows = 500
/** How long a job runs while others wait, before it goes to the end of their line. */
export const sliceMillis = 10 * second

/** How long a job belongs to a process that says nothing, and how often it says that it lives. */
export const leaseMillis = 15 * second
export const renewMillis = 5 * second
/** The time between two looks for jobs that wait, and between two sweeps. */
export const pollMillis = 1 * second
export const sweepMillis = 60 * second
/** Jobs and files that one sweep looks at. */
export const maxSwept = 1_000

/** Waits for a store that is busy or away: the first one, each twice as long as the one before. */
export const firstWaitMillis = 500
export const maxWaits = 6

/** How long the list of a failed job is kept, so that the job can go on. */
export const listLifeMillis = 3 * day
/** How long a job and its failed rows are kept once it is over. */
export const jobLifeMillis = 7 * day
/** How long a job waits for a process that has its list. */
export const queueLifeMillis = 3 * day

/** Bytes of failed rows that one job keeps. Later ones are counted alone. */
export const maxFailedBytes = 100_000_000

/** Uploads at once, a quarter of them for one workspace. */
export const maxUploads = 16
/** How long an upload may send nothing, and how long it may take in all. */
export const uploadIdleMillis = 30 * second
export const uploadMillis = 1_800 * second
/** How long a file without a job is kept: longer than an upload takes. */
export const orphanMillis = 2 * uploadMillis

/** How long an abort waits for the batch that is under way. */
export const abortWaitMillis = 5 * second
