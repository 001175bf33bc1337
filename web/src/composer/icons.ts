/** Icons of the composer, as in ui/icons.ts. */
export const icons = {
  title: 'M5 6.500V5h14v1.500M12 5v14M9.500 19h5',
  section:
    'M4.500 5.500A1.500 1.500 0 0 1 6 4h12a1.500 1.500 0 0 1 1.500 1.500v3A1.500 1.500 0 0 1 18 10H6a1.500 1.500 0 0 1-1.500-1.500zM4.500 14.500h15M4.500 19h9',
  colour:
    'M12 3.500c3 3.700 6 6.600 6 10.200a6 6 0 0 1-12 0C6 10.100 9 7.200 12 3.500zM9 14a3 3 0 0 0 3 3',
} as const;
