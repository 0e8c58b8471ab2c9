/** A net can be dropped anywhere on the window; a quiet overlay says so while it is dragged. */
import { IconFileImport } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { attempt } from '../../state/engine.ts';
import { importFiles } from '../../state/importing.ts';
import './import.css';

const hasFiles = (e: DragEvent): boolean => e.dataTransfer?.types.includes('Files') === true;

export function DropZone() {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Entering a child is told before leaving its parent: the window is left when as many were left as entered.
    let depth = 0;
    const enter = (e: DragEvent) => {
      if (!hasFiles(e)) return;
      depth++;
      setOver(true);
    };
    const leave = (e: DragEvent) => {
      if (!hasFiles(e)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    // Without this the window would show the file in place of the interface.
    const hover = (e: DragEvent) => { if (hasFiles(e)) e.preventDefault(); };
    const drop = (e: DragEvent) => {
      if (!hasFiles(e)) return;
      e.preventDefault();
      depth = 0;
      setOver(false);
      const files = [...(e.dataTransfer?.files ?? [])];
      attempt(() => importFiles(files));
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: hover, drop } as const;
    for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name as keyof typeof listeners, listener);
    return () => { for (const [name, listener] of Object.entries(listeners)) window.removeEventListener(name as keyof typeof listeners, listener); };
  }, []);
  if (!over) return null;
  return (
    <div className="drop-overlay" role="status">
      <div><IconFileImport size={28} stroke={1.5} aria-hidden /><strong>Drop an ONNX net to open it</strong><span className="dim">With its files of weights, where it has some beside it.</span></div>
    </div>
  );
}
