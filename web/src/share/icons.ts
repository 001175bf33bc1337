/** Icons of sharing, drawn as those in ui/icons.ts. */
export const shareIcons = {
  qr: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.5v2.5H14zM20 14v.01M17.5 17.5v2.5H14M20 17.5V20',
  download: 'M12 4v11.500M7 11l5 5 5-5M4.500 20h15',
  frame: 'M8.500 8L4 12l4.500 4M15.500 8l4.500 4-4.500 4',
} as const;
