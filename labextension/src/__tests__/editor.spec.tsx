import { fireEvent, screen } from '@testing-library/react';
import { act } from 'react';
import { placeOf } from '../components/editor/TextEditor';
import { DocumentDesk, withEvidence } from '../document';
import { PlanModel } from '../model';
import { RequestFailure } from '../request';
import { isTaskFile } from '../taskfiles';
import type { Evidence, Task } from '../types';
import { TASK } from './fixtures';
import { planned, show } from './screen';
import { settle } from './setup';

const SEEN: Evidence = { how: 'static', source: 'cell index 0' };
const FULL: Task = {
  ...TASK,
  software: [
    { name: 'numpy', version: '==1.26.4', evidence: [SEEN] },
    { name: 'astropy' }
  ],
  data: [{ location: 'catalogue.fits' }]
};

async function open(task = FULL): Promise<ReturnType<typeof show>> {
  const model = planned();
  model.edit(task);
  const done = show(model);
  const summary = screen.getByText('Edit the task');
  const details = summary.closest('details');
  if (details !== null) {
    details.open = true;
    fireEvent(details, new Event('toggle'));
  }
  await act(settle);
  return done;
}

function edited(done: ReturnType<typeof show>): Task | undefined {
  return done.edit.mock.lastCall?.[0];
}

describe('the editor', () => {
  it('drops, pins and adds software', async () => {
    const done = await open();
    fireEvent.click(screen.getByRole('button', { name: 'Drop (astropy)' }));
    expect(edited(done)?.software?.map(({ name }) => name)).toEqual(['numpy']);
    const version = screen.getByLabelText('Version of astropy');
    fireEvent.change(version, { target: { value: ' >=6 ' } });
    fireEvent.blur(version);
    expect(edited(done)?.software?.[1]).toEqual({
      name: 'astropy',
      version: '>=6'
    });
    fireEvent.change(screen.getByLabelText('Package to add'), {
      target: { value: 'scipy' }
    });
    fireEvent.click(screen.getByRole('button', { name: 'Add package' }));
    expect(edited(done)?.software?.[2]).toEqual({
      name: 'scipy',
      status: 'declared'
    });
  });

  it('drops and adds data', async () => {
    const done = await open();
    fireEvent.click(
      screen.getByRole('button', { name: 'Drop (catalogue.fits)' })
    );
    expect(edited(done)?.data).toEqual([]);
    fireEvent.change(screen.getByLabelText('Path or address to add'), {
      target: { value: 'https://example.org/a.fits' }
    });
    fireEvent.click(screen.getByRole('button', { name: 'Add data' }));
    expect(edited(done)?.data?.map(({ location }) => location)).toEqual([
      'catalogue.fits',
      'https://example.org/a.fits'
    ]);
  });

  it('sets image, command and what each GPU has to be', async () => {
    const done = await open();
    const type = (label: string, value: string): void => {
      const field = screen.getByLabelText(label);
      fireEvent.change(field, { target: { value } });
      fireEvent.keyDown(field, { key: 'Enter' });
    };
    type('Container image', 'example.org/app:1');
    expect(edited(done)?.executable.image).toBe('example.org/app:1');
    type('Command', 'python  run.py');
    expect(edited(done)?.executable.command).toEqual(['python', 'run.py']);
    type('Memory of one, GiB at least', '40');
    expect(edited(done)?.resources?.gpu).toEqual({ memory: 40 * 2 ** 30 });
    type('Model', 'a100');
    expect(edited(done)?.resources?.gpu).toEqual({ model: 'a100' });
  });

  it('shows the task as text and takes what the server reads in it', async () => {
    const done = await open();
    const area = screen.getByLabelText<HTMLTextAreaElement>('Text of the task');
    expect(area.value).toBe('compute:\n  memory: {min: 2}\n');
    fireEvent.change(area, { target: { value: 'compute: {}' } });
    fireEvent.click(screen.getByRole('button', { name: 'Use this text' }));
    await act(settle);
    expect(done.readText).toHaveBeenCalledWith('compute: {}', 'yaml');
    expect(edited(done)?.notes).toEqual(['left open']);
    screen.getByText('This is the task now.');
  });

  it('says what is wrong in the text, and marks its line', async () => {
    const done = await open();
    done.readText.mockRejectedValueOnce(
      new RequestFailure({
        code: 'invalid-request',
        message: 'compute.memory.min: lots is not accepted',
        field: 'compute.memory.min'
      })
    );
    const area = screen.getByLabelText<HTMLTextAreaElement>('Text of the task');
    fireEvent.change(area, {
      target: { value: 'compute:\n  memory:\n    min: lots\n' }
    });
    fireEvent.click(screen.getByRole('button', { name: 'Use this text' }));
    await act(settle);
    expect(screen.getByRole('alert').textContent).toContain('lots');
    const { selectionStart, selectionEnd, value } = area;
    expect(value.slice(selectionStart, selectionEnd)).toBe('min: lots');
    expect(done.edit).not.toHaveBeenCalled();
    fireEvent.click(screen.getByRole('button', { name: 'Drop my edits' }));
    await act(settle);
    expect(area.value).toBe('compute:\n  memory: {min: 2}\n');
  });

  it('saves over a file only when told to', async () => {
    const done = await open();
    const name = 'Save ivoa-execution.yaml';
    fireEvent.click(screen.getByRole('button', { name }));
    await act(settle);
    expect(done.saveFile.mock.lastCall?.[1]).toBe(false);
    fireEvent.click(screen.getByRole('button', { name: 'Save over it' }));
    await act(settle);
    expect(done.saveFile.mock.lastCall?.[1]).toBe(true);
    screen.getByText('Saved as ivoa-execution.yaml');
  });

  it('opens the file beside the notebook, or says that there is none', async () => {
    const done = await open();
    const name = 'Open ivoa-execution.yaml';
    fireEvent.click(screen.getByRole('button', { name }));
    await act(settle);
    screen.getByText('There is no ivoa-execution.yaml beside the notebook.');
    done.openFile.mockResolvedValueOnce('compute: {}');
    fireEvent.click(screen.getByRole('button', { name }));
    await act(settle);
    expect(done.readText).toHaveBeenCalledWith('compute: {}', 'yaml');
    expect(done.edit).toHaveBeenCalledTimes(1);
  });

  it('lets a person choose another file where there are files', () => {
    const choose = jest.fn();
    show(planned());
    expect(screen.queryByRole('button', { name: 'Other file…' })).toBeNull();
    document.body.innerHTML = '';
    show(planned(), { choose: () => choose });
    fireEvent.click(screen.getByRole('button', { name: 'Other file…' }));
    expect(choose).toHaveBeenCalled();
  });
});

describe('what a person edited', () => {
  it('stays when the notebook is read again, until it is reset', () => {
    const model = new PlanModel();
    model.setTask(FULL);
    model.edit({ ...FULL, software: [{ name: 'numpy' }] });
    model.setTask({ ...FULL, notes: ['read again'] });
    expect(model.state.task?.software).toEqual([{ name: 'numpy' }]);
    expect(model.state.task?.data).toEqual(FULL.data);
    model.reset();
    expect(model.state.task?.software).toEqual(FULL.software);
  });

  it('keeps the evidence of the needs that it shares', () => {
    const read: Task = {
      ...TASK,
      software: [{ name: 'numpy' }, { name: 'x' }]
    };
    expect(withEvidence(read, FULL).software).toEqual([
      { name: 'numpy', evidence: [SEEN] },
      { name: 'x' }
    ]);
  });
});

describe('the file beside the notebook', () => {
  function desk(...there: string[]): { desk: DocumentDesk; saved: string[] } {
    const saved: string[] = [];
    const contents = {
      get: async (path: string) =>
        path.endsWith('.yaml')
          ? { content: 'compute: {}' }
          : { content: there.map(name => ({ name })) },
      save: async (path: string) => void saved.push(path)
    };
    const service = {
      readTask: async () => ({ task: TASK }),
      writeTask: async () => ({ text: 'written' })
    };
    return {
      saved,
      desk: new DocumentDesk(planned(), service, contents as never)
    };
  }

  it('is written beside it, and over another one only when told to', async () => {
    const free = desk();
    expect(await free.desk.save('x', false)).toBe(true);
    expect(free.saved).toEqual(['work/ivoa-execution.yaml']);
    const taken = desk('ivoa-execution.yaml');
    expect(await taken.desk.save('x', false)).toBe(false);
    expect(taken.saved).toEqual([]);
    expect(await taken.desk.save('x', true)).toBe(true);
  });

  it('is read when it is there', async () => {
    expect(await desk().desk.open()).toBeNull();
    expect(await desk('ivoa-execution.yaml').desk.open()).toBe('compute: {}');
    expect(await desk().desk.write('yaml')).toBe('written');
  });
});

describe('names', () => {
  it('say which files can be asked about', () => {
    const names = ['a.ipynb', 'Dockerfile', 'compose.dev.yml', 'fit.sbatch'];
    expect(names.every(isTaskFile)).toBe(true);
    const others = ['a.ipynb.txt', 'notes.md', 'xcompose.yaml', 'a.shx'];
    expect(others.some(isTaskFile)).toBe(false);
  });

  it('of a field lead to its line', () => {
    const text = '{"compute": {"cores": {"min": -1}}}';
    expect(text.slice(...placeOf(text, 'compute.cores.min'))).toContain('-1');
    expect(placeOf(text, 'nosuch')).toEqual([0, 0]);
  });
});
