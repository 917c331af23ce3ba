/** Names of the files that the server can make a task of; only to offer a command on them. */

/** Patterns of names in small letters, the same as the server's; `*` stands for anything. */
export const NAMES: readonly string[] = [
  '*.ipynb',
  'ivoa-execution.yaml',
  'ivoa-execution.yml',
  'dockerfile',
  'dockerfile.*',
  '*.dockerfile',
  'containerfile',
  'compose.yaml',
  'compose.yml',
  'compose.*.yaml',
  'compose.*.yml',
  'docker-compose.yaml',
  'docker-compose.yml',
  'docker-compose.*.yaml',
  'docker-compose.*.yml',
  'chart.yaml',
  '*.def',
  '*.sbatch',
  '*.slurm',
  '*.sge',
  '*.qsub',
  '*.sh'
];

const FORMS = NAMES.map(
  name =>
    new RegExp(`^${name.replace(/[.]/g, '\\.').replace(/\*/g, '.*')}$`, 'i')
);

/** Whether a file of this name can be asked about. */
export function isTaskFile(name: string): boolean {
  return FORMS.some(form => form.test(name));
}
