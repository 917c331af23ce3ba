/* eslint-disable */
/* Generated from jupyter_canidothis/schemas/canidothis.schema.json by "npm run types": do not edit. */

/**
 * What a platform says. CANNOT_TELL is a verdict of its own, never a NO or YES.
 */
export type Verdict = 'CANNOT_TELL' | 'NO' | 'YES';

/**
 * Every published noun, by name.
 */
export interface Published {
  Task?: Task;
  Executable?: Executable;
  Resources?: Resources;
  Range?: Range;
  Gpu?: Gpu;
  Software?: Software;
  Evidence?: Evidence;
  Data?: Data;
  Plan?: Plan;
  PlatformInfo?: PlatformInfo;
  Answer?: Answer;
  Verdict?: Verdict;
  Offer?: Offer;
  Start?: Start;
  Reason?: Reason;
  Change?: Change;
  Edit?: Edit;
  Cliff?: Cliff;
  Summary?: Summary;
  Gain?: Gain;
  Look?: Look;
  PlatformList?: PlatformList;
  AddRequest?: AddRequest;
  LookRequest?: LookRequest;
  TaskText?: TaskText;
  TaskDocument?: TaskDocument;
  WriteTaskRequest?: WriteTaskRequest;
  Nearest?: Nearest;
  PlanRequest?: PlanRequest;
  NearestRequest?: NearestRequest;
  EstimateRequest?: EstimateRequest;
  Estimate?: Estimate;
  MapRequest?: MapRequest;
  MapAxis?: MapAxis;
  Map?: Map;
  HandoverRequest?: HandoverRequest;
  HandedOver?: HandedOver;
  DescribeRequest?: DescribeRequest;
  KernelReplies?: KernelReplies;
  KernelQuestions?: KernelQuestions;
  Problem?: Problem;
  PlanLine?: PlanLine;
  AnswerLine?: AnswerLine;
  SummaryLine?: SummaryLine;
  AliveLine?: AliveLine;
  ErrorLine?: ErrorLine;
}
/**
 * What somebody wants to run.
 */
export interface Task {
  executable: Executable;
  resources?: Resources;
  software?: Software[];
  data?: Data[];
  name?: string;
  evidence?: {
    [k: string]: Evidence[];
  };
  notes?: string[];
}
/**
 * The thing to run. Fields that its type does not use stay empty.
 */
export interface Executable {
  type: string;
  location?: string;
  content?: string;
  languages?: string[];
  kernel?: string;
  image?: string;
  command?: string[];
}
/**
 * Amounts for the whole task; an empty range asks for nothing in particular.
 */
export interface Resources {
  cores?: Range;
  memory?: Range;
  duration?: Range;
  startup?: Range;
  gpus?: Range;
  disk?: Range;
  nodes?: Range;
  gpu?: Gpu | null;
}
/**
 * From a least to a greatest amount; an absent end is open.
 */
export interface Range {
  min?: number | null;
  max?: number | null;
}
/**
 * What each GPU has to be; how many is `Resources.gpus`.
 */
export interface Gpu {
  vendor?: string | null;
  model?: string | null;
  memory?: number | null;
}
/**
 * One software need.
 */
export interface Software {
  name: string;
  version?: string;
  imports?: string[];
  manager?: string;
  status?: string;
  evidence?: Evidence[];
}
/**
 * One source of one or more sentences.
 */
export interface Evidence {
  how: 'arithmetic' | 'declared' | 'default' | 'dry-run' | 'inferred' | 'kernel' | 'live-read' | 'static';
  source: string;
  text?: string;
  at?: number;
}
/**
 * One data need.
 */
export interface Data {
  location: string;
  size?: number | null;
  network?: boolean;
  evidence?: Evidence[];
}
/**
 * A task and all answers so far.
 */
export interface Plan {
  id: string;
  task: Task;
  platforms?: PlatformInfo[];
  answers?: Answer[];
  summary?: Summary | null;
  at?: number;
}
/**
 * What is known of a platform before it is asked; no secrets.
 */
export interface PlatformInfo {
  name: string;
  kind: string;
  source: 'added' | 'configured' | 'discovered';
  knows?: ('ever' | 'image' | 'now' | 'software' | 'submit' | 'when')[];
  reserves?: boolean;
  needs_login?: boolean;
  task_types?: string[];
  hands_over?: boolean;
  error?: string;
}
/**
 * One platform's reply to one task.
 */
export interface Answer {
  platform: string;
  verdict: Verdict;
  now?: Verdict;
  offers?: Offer[];
  reasons?: Reason[];
  changes?: Change[];
  cliffs?: Cliff[];
  sure?: 'asked' | 'checked' | 'estimate';
  evidence?: Evidence[];
  kind?: string;
  at?: number;
  took?: number;
  age?: number;
}
/**
 * One way in which the platform would run the task.
 */
export interface Offer {
  service_type: string;
  name?: string;
  service_info?: {
    [k: string]: unknown;
  };
  resources?: Resources;
  filled?: {
    [k: string]: string;
  };
  start?: Start | null;
  evidence?: number[];
}
/**
 * When the task could start, as a range, in seconds from `Answer.at`.
 */
export interface Start {
  earliest?: number | null;
  latest?: number | null;
  basis?: string;
  evidence?: number[];
}
/**
 * One structured cause of a NO or a CANNOT_TELL, or of "not now".
 */
export interface Reason {
  code:
    | 'arch-mismatch'
    | 'bad-answer'
    | 'below-minimum'
    | 'closed'
    | 'full-now'
    | 'image-missing'
    | 'internal-error'
    | 'invalid-request'
    | 'kind-unsupported'
    | 'limit-exceeded'
    | 'loop'
    | 'misconfigured'
    | 'no-such-resource'
    | 'not-authenticated'
    | 'not-authorised'
    | 'not-published'
    | 'quota-exhausted'
    | 'rate-limited'
    | 'refused'
    | 'software-missing'
    | 'timed-out'
    | 'unreachable'
    | 'would-pend-forever';
  message: string;
  field?: string;
  asked?: number | string | null;
  limit?: number | string | null;
  used?: number | null;
  scope?: string;
  text?: string;
  evidence?: number[];
}
/**
 * The nearest edit of the task that turns this NO into a YES.
 */
export interface Change {
  edits: Edit[];
  message: string;
  checked?: boolean;
}
/**
 * One value of the task set to another.
 */
export interface Edit {
  field: string;
  before?: number | string | null;
  after?: number | string | null;
}
/**
 * Where a platform's answer changes along one quantity, all else as asked.
 */
export interface Cliff {
  field: string;
  at: number;
  message: string;
  beyond?: 'later' | 'no';
  checked?: boolean;
}
/**
 * The last word of a plan.
 */
export interface Summary {
  yes?: number;
  no?: number;
  cannot_tell?: number;
  best?: string;
  gains?: Gain[];
  took?: number;
}
/**
 * One change of the task, and the platforms that it turns from NO to YES.
 */
export interface Gain {
  change: Change;
  platforms?: string[];
  expected?: string[];
}
/**
 * How a platform is: what it said when it was looked at.
 */
export interface Look {
  platform: string;
  problem?: Reason | null;
  complete?: boolean;
  at?: number;
  ttl?: number;
  took?: number;
  evidence?: Evidence[];
}
/**
 * What is configured, added or discovered.
 */
export interface PlatformList {
  platforms: PlatformInfo[];
  version: string;
  wire?: number;
  kinds?: string[];
  may_add?: boolean;
}
/**
 * A platform that a user adds.
 */
export interface AddRequest {
  entry: {
    [k: string]: unknown;
  };
}
/**
 * A platform to look at afresh.
 */
export interface LookRequest {
  platform: string;
}
/**
 * A task as text, for people to edit.
 */
export interface TaskText {
  text: string;
  form?: 'json' | 'yaml';
  name?: string;
}
/**
 * A task as read from text.
 */
export interface TaskDocument {
  task: Task;
  notes?: string[];
}
/**
 * A task to be written as text.
 */
export interface WriteTaskRequest {
  task: Task;
  form?: 'json' | 'yaml';
}
/**
 * What asking one platform again and again found around one task.
 */
export interface Nearest {
  platform: string;
  verdict: Verdict;
  reasons?: Reason[];
  changes?: Change[];
  cliffs?: Cliff[];
  asks?: number;
  took?: number;
  cut?: boolean;
}
/**
 * A question to the planner.
 */
export interface PlanRequest {
  task: Task;
  platforms?: string[];
  timeout?: number | null;
}
/**
 * A wish for the nearest YES of one platform, and for how far each quantity goes.
 */
export interface NearestRequest {
  task: Task;
  platform: string;
}
/**
 * A question to what is known already; no platform is read or asked.
 */
export interface EstimateRequest {
  task: Task;
  platforms?: string[];
  id?: string;
}
/**
 * What is known already.
 */
export interface Estimate {
  id: string;
  answers?: Answer[];
  summary?: Summary;
}
/**
 * A task at all values of two amounts.
 */
export interface MapRequest {
  task: Task;
  across: MapAxis;
  up: MapAxis;
  platforms?: string[];
}
/**
 * One amount of a task, at several values.
 */
export interface MapAxis {
  field: string;
  /**
   * @minItems 1
   * @maxItems 24
   */
  values: number[];
}
/**
 * How many platforms would accept a task at each pair of values, by estimate.
 */
export interface Map {
  yes: (number | null)[][];
  judged?: string[];
  unknown?: string[];
  complete?: boolean;
}
/**
 * A wish for what takes up an offer; nothing is submitted.
 */
export interface HandoverRequest {
  task: Task;
  platform?: string;
}
/**
 * What takes up an offer, once somebody sends it.
 */
export interface HandedOver {
  platform: string;
  content: string;
  name: string;
  command: string;
}
/**
 * A notebook to describe; at least one of its fields is given.
 */
export interface DescribeRequest {
  path?: string;
  notebook?: {
    [k: string]: unknown;
  } | null;
  kernel_id?: string;
  kernel_replies?: KernelReplies | null;
}
/**
 * What such a kernel answered; a question without answer is left out.
 */
export interface KernelReplies {
  modules?: {
    [k: string]: unknown;
  } | null;
  inside?: {
    [k: string]: unknown;
  } | null;
  busy?: boolean;
}
/**
 * What a front end asks a Python kernel that only it can reach; empty when we can.
 */
export interface KernelQuestions {
  modules?: {
    [k: string]: unknown;
  } | null;
  inside?: {
    [k: string]: unknown;
  } | null;
}
/**
 * An error, as every door shows it.
 */
export interface Problem {
  code: string;
  message: string;
  hint?: string;
  field?: string;
  accepted?: string;
}
/**
 * The head of a stream: the task as understood and the platforms to be asked.
 */
export interface PlanLine {
  type: 'plan';
  plan: Plan;
}
/**
 * One platform answered.
 */
export interface AnswerLine {
  type: 'answer';
  id: string;
  answer: Answer;
}
/**
 * The last line of a plan.
 */
export interface SummaryLine {
  type: 'summary';
  id: string;
  summary: Summary;
}
/**
 * Nothing new, but the stream lives.
 */
export interface AliveLine {
  type: 'alive';
}
/**
 * The plan ended early.
 */
export interface ErrorLine {
  type: 'error';
  error: Problem;
}
