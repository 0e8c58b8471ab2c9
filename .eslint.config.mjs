/** Lint: the strict TypeScript rules that need types, hooks of React, and the rooms' directions. */
import js from '@eslint/js';
import { dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import hooks from 'eslint-plugin-react-hooks';
import ts from 'typescript-eslint';
import { packages, roomOf, rooms } from './.layers.mjs';

const root = dirname(fileURLToPath(import.meta.url));

/** Reports an import that goes against the table of rooms or names a package outside its rooms. */
const directions = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = relative(root, context.filename).replaceAll('\\', '/');
    const room = roomOf(file);
    const test = /\.(test|harness)\.tsx?$/.test(file);
    const check = (node) => {
      const name = node.source?.value;
      if (typeof name !== 'string' || test) return;
      if (room === null) return context.report({ node, message: `${file} stands in no room: add it to .layers.mjs` });
      if (name.startsWith('.') && !isAbsolute(name)) {
        const target = roomOf(relative(root, resolve(dirname(join(root, file)), name)).replaceAll('\\', '/'));
        if (target && target !== room && !rooms[room].includes(target)) {
          context.report({ node, message: `${room} may not import ${target}: see .layers.mjs` });
        }
        return;
      }
      for (const [pkg, where] of Object.entries(packages)) {
        const hit = pkg.endsWith('/') ? name.startsWith(pkg) : name === pkg || name.startsWith(`${pkg}/`);
        if (hit && !where.some((r) => room === r || room.startsWith(`${r}/`))) {
          context.report({ node, message: `${pkg} may be named in ${where.join(', ')} only` });
        }
      }
    };
    return { ImportDeclaration: check, ExportNamedDeclaration: check, ExportAllDeclaration: check };
  },
};

export default ts.config(
  { ignores: ['out/**', 'dist/**', 'node_modules/**', '**/*.mjs'] },
  js.configs.recommended,
  ...ts.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    plugins: { rooms: { rules: { directions } }, 'react-hooks': hooks },
    rules: {
      'rooms/directions': 'error',
      'max-lines': ['error', { max: 400 }],
      'no-template-curly-in-string': 'error',
      'no-console': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'react-hooks/rules-of-hooks': 'error',
      'react-hooks/exhaustive-deps': 'error',
      'no-restricted-syntax': ['error', { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' }],
    },
  },
  { files: ['**/*.config.ts'], rules: { 'no-restricted-syntax': 'off' } },
  { files: ['**/*.test.ts', '**/*.test.tsx'], rules: { '@typescript-eslint/no-floating-promises': 'off' } },
);
