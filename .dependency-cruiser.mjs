/** Cycles and room directions, generated from the one table. */
import { rooms } from './.layers.mjs';

const escape = (s) => s.replaceAll('/', '\\/').replaceAll('.', '\\.');
const names = Object.keys(rooms);
/** Files of a room, not of the rooms inside it. */
const own = (room) => {
  const inner = names.filter((r) => r.startsWith(`${room}/`)).map((r) => escape(r.slice(room.length + 1)));
  return `^${escape(room)}\\/${inner.length > 0 ? `(?!(?:${inner.join('|')})\\/)` : ''}`;
};

export default {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '\\.css$|^@fontsource' } },
    { name: 'shared-is-pure', severity: 'error', from: { path: '^shared/', pathNot: '\\.(test|harness)\\.ts$' }, to: { dependencyTypes: ['core'] } },
    ...names.map((room) => ({
      name: `direction: ${room}`,
      severity: 'error',
      from: { path: own(room), pathNot: '\\.(test|harness)\\.tsx?$' },
      to: { path: names.filter((r) => r !== room && !rooms[room].includes(r)).map(own) },
    })),
  ],
  options: {
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)out/' },
    tsConfig: { fileName: '.tsconfig.base.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.mjs', '.js'], exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
