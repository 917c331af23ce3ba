import eslint from '@eslint/js';
import jupyterPlugin from '@jupyter/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules', 'lib', 'src/types.ts'] },
  eslint.configs.recommended,
  ...tseslint.configs.strict,
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { jupyter: jupyterPlugin },
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json' }
    },
    rules: {
      ...Object.fromEntries(
        Object.keys(jupyterPlugin.rules).map(name => [
          `jupyter/${name}`,
          'error'
        ])
      ),
      // The panel is placed, and may be restored, at activation; the whole bundle is small.
      'jupyter/prefer-lazy-imports': 'off',
      '@typescript-eslint/explicit-function-return-type': [
        'error',
        { allowExpressions: true }
      ],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-namespace': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      eqeqeq: 'error',
      'max-lines': ['error', 300]
    }
  },
  {
    files: ['*.js', '*.mjs'],
    languageOptions: {
      globals: {
        console: 'readonly',
        module: 'writable',
        process: 'readonly',
        require: 'readonly',
        __dirname: 'readonly',
        URL: 'readonly'
      }
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' }
  },
  prettier
);
