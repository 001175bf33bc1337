/**
 * The names of this look's classes, so that components never write one of a
 * design system themselves. A theme is a folder with this file and an
 * `index.css` that defines the same custom properties; `VITE_THEME` picks it.
 */
import './index.css';

export const classes = {
  button: 'button',
  buttonVariant: {
    primary: 'button--primary',
    secondary: 'button--secondary',
    quiet: 'button--quiet',
    danger: 'button--danger',
  },
  buttonSize: { small: 'button--small', medium: '', large: 'button--large' },
  buttonIcon: 'button--icon',
  buttonPressed: 'button--pressed',
  field: 'field',
  fieldLabel: 'field__label',
  fieldHint: 'field__hint',
  fieldError: 'field__error',
  input: 'input',
  check: 'check',
  dialog: 'dialog',
  dialogSize: { small: 'dialog--small', medium: '', side: 'dialog--side', full: 'dialog--full' },
  dialogHeader: 'dialog__header',
  dialogTitle: 'dialog__title',
  dialogBody: 'dialog__body',
  dialogFooter: 'dialog__footer',
  menu: 'menu',
  menuItem: 'menu__item',
  menuItemDanger: 'menu__item--danger',
  toast: 'toast',
  toastText: 'toast__text',
  notice: 'notice',
  noticeTone: { neutral: '', warning: 'notice--warning', danger: 'notice--danger' },
  card: 'card',
  skipLink: 'skip-link',
} as const;

export type ButtonVariant = keyof typeof classes.buttonVariant;
export type ButtonSize = keyof typeof classes.buttonSize;
export type DialogSize = keyof typeof classes.dialogSize;
export type Tone = keyof typeof classes.noticeTone;
