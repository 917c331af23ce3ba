import { PlanModel } from '../model';
import { FailureCodes, RequestFailure } from '../request';
import { meetServer, otherServer, WIRE } from '../server';
import { TASK } from './fixtures';
import { settle } from './setup';

const NEWER = { age: 'newer', version: '9.0' };
const OLDER = { age: 'older', version: '9.0' };

describe('a server part of another age', () => {
  it.each([
    [WIRE, null],
    [WIRE + 1, NEWER],
    [WIRE - 1, OLDER],
    [undefined, OLDER]
  ])('is told by the JSON it speaks: %s', async (wire, told) => {
    const list = { platforms: [], version: '9.0', ...(wire && { wire }) };
    expect(await otherServer({ platforms: async () => list })).toEqual(told);
  });

  it.each([
    [FailureCodes.older, { age: 'older', version: '' }],
    [FailureCodes.offline, null]
  ])('or by the lack of a list: %s', async (code, told) => {
    const platforms = async (): Promise<never> => {
      throw new RequestFailure({ code, message: 'm' });
    };
    expect(await otherServer({ platforms })).toEqual(told);
  });

  it('is looked for once, after a task came, and known with every notebook', async () => {
    const platforms = jest.fn(async () => ({
      platforms: [],
      version: '9.0',
      wire: WIRE + 1
    }));
    const model = new PlanModel();
    meetServer(model, { platforms });
    for (const name of ['a.ipynb', 'b.ipynb']) {
      model.setNotebook({ path: name, name, isDirty: false, isEdited: false });
      expect(platforms).toHaveBeenCalledTimes(name === 'a.ipynb' ? 0 : 1);
      model.setTask(TASK);
      await settle();
    }
    expect(platforms).toHaveBeenCalledTimes(1);
    expect(model.state.server).toEqual(NEWER);
  });
});
