import { Announcer, PAUSE } from '../announce';

describe('Announcer', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('says the first words at once and later only the newest', () => {
    const announcer = new Announcer();
    const heard: string[] = [];
    announcer.changed.connect((_, said) => heard.push(said.polite));
    ['one', 'two', 'three'].forEach(word => announcer.say(word));
    expect(heard).toEqual(['one']);
    jest.advanceTimersByTime(PAUSE);
    expect(heard).toEqual(['one', 'three']);
  });

  it('does not make a failure wait', () => {
    const announcer = new Announcer();
    announcer.say('one');
    announcer.alert('failed');
    expect(announcer.said.urgent).toBe('failed');
  });

  it('falls silent when disposed', () => {
    const announcer = new Announcer();
    announcer.say('one');
    announcer.say('two');
    announcer.dispose();
    jest.advanceTimersByTime(PAUSE);
    expect(announcer.said.polite).toBe('one');
  });
});
