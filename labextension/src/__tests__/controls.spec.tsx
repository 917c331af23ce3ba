import { fireEvent, screen } from '@testing-library/react';
import { GIB } from './fixtures';
import { LEAST_MEMORY, planned, show } from './screen';

describe('controls', () => {
  it('pair a slider with a number box under one name', () => {
    show(planned());
    const name = LEAST_MEMORY;
    const slider = screen.getByRole('slider', { name });
    expect(slider.getAttribute('aria-valuetext')).toBe('16 GiB');
    expect(
      (screen.getByRole('spinbutton', { name }) as HTMLInputElement).value
    ).toBe('16');
    const open = screen.getByRole('slider', { name: /^Memory ?, GiB up to$/ });
    expect(open.getAttribute('aria-valuetext')).toBe('no maximum');
  });

  it('tell every move of a slider, and when it rests', () => {
    const done = show(planned());
    const slider = screen.getByRole('slider', { name: LEAST_MEMORY });
    fireEvent.input(slider, { target: { value: '3' } });
    expect(done.move).toHaveBeenCalledWith('memory', { min: GIB });
    expect(done.rest).not.toHaveBeenCalled();
    fireEvent.pointerDown(slider);
    slider.dispatchEvent(new Event('change', { bubbles: true }));
    expect(done.rest).toHaveBeenLastCalledWith(true);
    fireEvent.pointerUp(slider);
    expect(done.rest).toHaveBeenLastCalledWith(true);
    fireEvent.keyDown(slider, { key: 'ArrowRight' });
    slider.dispatchEvent(new Event('change', { bubbles: true }));
    expect(done.rest).toHaveBeenLastCalledWith(false);
  });

  it('take a number, and an empty box as no limit', () => {
    const done = show(planned());
    const box = screen.getByRole('spinbutton', {
      name: LEAST_MEMORY
    });
    fireEvent.change(box, { target: { value: '1.5' } });
    expect(done.move).toHaveBeenLastCalledWith('memory', { min: 1.5 * GIB });
    fireEvent.change(box, { target: { value: '' } });
    expect(done.move).toHaveBeenLastCalledWith('memory', {});
  });

  it('say what is wrong with a number and do not take it', () => {
    const done = show(planned());
    const box = screen.getByRole('spinbutton', {
      name: LEAST_MEMORY
    });
    fireEvent.change(box, { target: { value: '-4' } });
    expect(box.getAttribute('aria-invalid')).toBe('true');
    screen.getByText('A number from 0, or empty for no limit.');
    expect(done.move).not.toHaveBeenCalled();
  });

  it('stop with the button or with Escape while planning', () => {
    const done = show(planned());
    fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    fireEvent.keyDown(screen.getByRole('button', { name: 'Plan' }), {
      key: 'Escape'
    });
    expect(done.stop).toHaveBeenCalledTimes(2);
  });
});
