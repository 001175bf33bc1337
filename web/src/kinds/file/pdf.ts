/**
 * The PDF library, set up for our pages: its worker comes from our own origin
 * and is the one script that the policy of trusted types lets through; nothing
 * is evaluated, and nothing is fetched besides the document.
 */
import {
  GlobalWorkerOptions,
  getDocument,
  type PDFDocumentLoadingTask,
} from 'pdfjs-dist/legacy/build/pdf.mjs';
import workerUrl from 'pdfjs-dist/legacy/build/pdf.worker.min.mjs?url';

export type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
export { RenderingCancelledException, TextLayer } from 'pdfjs-dist/legacy/build/pdf.mjs';

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): URL };
}

/** One for all the documents of the page. */
let worker: Worker | undefined;

function ownWorker(): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  const policy = trustedTypes?.createPolicy('fresque-reader', {
    createScriptURL: (url) => {
      if (url !== workerUrl) throw new TypeError('not the worker of the reader');
      return url;
    },
  });
  return new Worker(policy?.createScriptURL(workerUrl) ?? workerUrl, { type: 'module' });
}

/** Opens a document; by ranges of bytes, where its server gives them. */
export function openPdf(url: string): PDFDocumentLoadingTask {
  worker ??= ownWorker();
  GlobalWorkerOptions.workerPort = worker;
  return getDocument({
    url,
    isEvalSupported: false,
    useWasm: false,
    useSystemFonts: true,
    enableXfa: false,
    disableAutoFetch: true,
    // Of a very large scan, what a phone can hold.
    canvasMaxAreaInBytes: 64 * 1024 * 1024,
  });
}
