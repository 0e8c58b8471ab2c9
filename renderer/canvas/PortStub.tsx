/** A port of the group that is shown, at the edge of its inside: data comes in here, or goes out. */
import { IconPlus } from '@tabler/icons-react';
import { Handle, Position, useStore, type Node, type NodeProps } from '@xyflow/react';
import { memo } from 'react';
import { NAMES_BELOW } from './LayerNode.tsx';
import { STUB, stubHandle, type Stub } from './stubs.ts';

export type StubFlowNode = Node<{ stub: Stub }, 'stub'>;

function PortStubView({ data: { stub } }: NodeProps<StubFlowNode>) {
  const { side, port, label, tied } = stub;
  const into = side === 'inputs';
  // From afar the name is written larger, and what is only offered steps back.
  const far = useStore((s) => s.transform[2] < NAMES_BELOW);
  return (
    <div className="stub" data-side={side} data-new={port === null} data-loose={!tied} data-far={far} style={{ width: STUB.width, height: STUB.height }}
      title={port === null ? `Drag a wire ${into ? 'from here' : 'to here'} to make ${into ? 'an input' : 'an output'} of the group` : tied ? `${into ? 'Comes into' : 'Goes out of'} the group as ${label}` : `${label} leads nowhere yet: drag a wire ${into ? 'from' : 'to'} it`}>
      {port === null && <IconPlus size={12} stroke={2} aria-hidden />}
      <span className="ellipsis">{label}</span>
      <Handle id={stubHandle(side)} type={into ? 'source' : 'target'} position={into ? Position.Right : Position.Left} aria-label={into ? `${label}, from outside` : `${label}, to outside`} />
    </div>
  );
}

export const PortStub = memo(PortStubView);
