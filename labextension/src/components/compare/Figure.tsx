/** A figure with its table, and both as files. */
import * as React from 'react';
import { csvText, download, pngBlob, svgText } from '../../export';
import { Disclosure } from '../Disclosure';
import { useTrans } from '../trans';

export type Cells = readonly (readonly (string | number | null)[])[];

export interface IFigureProps {
  title: string;
  /** Name of the files, without ending. */
  name: string;
  figure: React.RefObject<SVGSVGElement>;
  /** Its first row is the head. */
  table: Cells;
  children: React.ReactNode;
}

function Table(props: { title: string; cells: Cells }): JSX.Element {
  const [head = [], ...rows] = props.cells;
  return (
    <div className="jp-CanIDoThis-tableScroll" tabIndex={0}>
      <table>
        <caption className="jp-CanIDoThis-spoken">{props.title}</caption>
        <thead>
          <tr>
            {head.map((text, index) => (
              <th key={index} scope="col">
                {text}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([first, ...rest], index) => (
            <tr key={index}>
              <th scope="row">{first}</th>
              {rest.map((text, column) => (
                <td key={column}>{text}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

export function Figure(props: IFigureProps): JSX.Element {
  const { title, name, figure, table, children } = props;
  const trans = useTrans();
  const [problem, setProblem] = React.useState('');
  const withSvg = (save: (svg: SVGSVGElement) => void): void => {
    if (figure.current !== null) {
      save(figure.current);
    }
  };
  const files: [string, () => void][] = [
    [
      'SVG',
      () =>
        withSvg(svg =>
          download(
            `${name}.svg`,
            new Blob([svgText(svg)], { type: 'image/svg+xml' })
          )
        )
    ],
    [
      'PNG',
      () =>
        withSvg(svg => {
          pngBlob(svg).then(
            blob => download(`${name}.png`, blob),
            (reason: unknown) => setProblem(String(reason))
          );
        })
    ],
    [
      'CSV',
      () =>
        download(
          `${name}.csv`,
          new Blob([csvText(table)], { type: 'text/csv' })
        )
    ]
  ];
  return (
    <section className="jp-CanIDoThis-figure" aria-label={title}>
      <div className="jp-CanIDoThis-figureHead">
        <h3>{title}</h3>
        <span className="jp-CanIDoThis-buttons">
          {files.map(([kind, save]) => (
            <button
              key={kind}
              type="button"
              className="jp-CanIDoThis-button"
              aria-label={trans.__('Save %1 as %2', title, kind)}
              onClick={save}
            >
              {kind}
            </button>
          ))}
        </span>
      </div>
      {problem === '' ? null : <p role="alert">{problem}</p>}
      {children}
      <Disclosure summary={trans.__('As a table')}>
        {() => <Table title={title} cells={table} />}
      </Disclosure>
    </section>
  );
}
