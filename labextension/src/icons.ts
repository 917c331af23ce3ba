/** Icons: one shape per verdict, so that colour is never needed to tell them apart. */
import { LabIcon } from '@jupyterlab/ui-components';

function icon(name: string, body: string): LabIcon {
  return new LabIcon({
    name: `jupyter-canidothis:${name}`,
    svgstr: `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">${body}</svg>`
  });
}

/** A question mark in a play button: can I run this? */
export const canIDoThisIcon = icon(
  'icon',
  '<g class="jp-icon3" fill="#616161"><path d="M3 3.6v16.8c0 .8.9 1.3 1.6.8l5.6-3.7a8 8 0 0 1-.9-3.7 8 8 0 0 1 3.3-6.5L4.6 2.8C3.900 2.300 3 2.800 3 3.600z"/><path d="M17.100 7.500c-2.600 0-4.400 1.600-4.500 4h2.300c.1-1.300.9-2.100 2.200-2.100 1.200 0 2 .7 2 1.800 0 .9-.4 1.400-1.500 2.100-1.300.8-1.800 1.600-1.700 3.100v.7h2.200v-.6c0-1 .3-1.400 1.500-2.100 1.200-.7 1.900-1.800 1.900-3.200 0-2.200-1.800-3.700-4.400-3.700z"/><circle cx="17" cy="20" r="1.500"/></g>'
);

/** A check mark in a disc. */
export const yesIcon = icon(
  'yes',
  '<path class="jp-CanIDoThis-shape" d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm-1.700 14.700-4.300-4.300 1.500-1.500 2.800 2.800 6.200-6.200 1.500 1.500-7.700 7.700z"/>'
);

/** A cross in an octagon. */
export const noIcon = icon(
  'no',
  '<path class="jp-CanIDoThis-shape" d="M7.900 2h8.200L22 7.900v8.200L16.100 22H7.900L2 16.100V7.900L7.900 2zm8.700 6.900-1.500-1.500L12 10.500 8.900 7.400 7.400 8.900l3.100 3.100-3.100 3.100 1.500 1.500 3.100-3.100 3.100 3.100 1.500-1.500-3.100-3.100 3.100-3.100z"/>'
);

/** A question mark in a diamond. */
export const cannotTellIcon = icon(
  'cannot-tell',
  '<path class="jp-CanIDoThis-shape" d="M12 .8 23.200 12 12 23.200.8 12 12 .8zm0 5c-2.300 0-3.900 1.400-4 3.500h2c.1-1 .8-1.700 1.900-1.700 1 0 1.700.6 1.700 1.500 0 .7-.3 1.100-1.300 1.700-1.200.7-1.600 1.400-1.500 2.700v.6h2v-.5c0-.8.3-1.200 1.300-1.800 1.100-.6 1.600-1.500 1.600-2.700 0-2-1.500-3.300-3.700-3.300zm-.2 9.700a1.300 1.300 0 1 0 0 2.600 1.300 1.300 0 0 0 0-2.600z"/>'
);

/** Three dots in a ring. */
export const askingIcon = icon(
  'asking',
  '<path class="jp-CanIDoThis-shape" d="M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 2a8 8 0 1 1 0 16 8 8 0 0 1 0-16zm-4 6.600a1.400 1.400 0 1 0 0 2.800 1.400 1.400 0 0 0 0-2.800zm4 0a1.400 1.400 0 1 0 0 2.800 1.400 1.400 0 0 0 0-2.800zm4 0a1.400 1.400 0 1 0 0 2.800 1.400 1.400 0 0 0 0-2.800z"/>'
);
