"""Which cells of 2 degrees hold a town: tells latitude from longitude where both are in range.

Drawn by `tools/draw_populated_cells.py` from GeoNames (CC BY 4.0).
"""

import base64
import zlib
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

CELL_DEG: Final = 2
ROWS: Final = 180 // CELL_DEG
COLUMNS: Final = 360 // CELL_DEG
CELLS: Final = (
    "c-"
    "rMvL1+|L82;azF_V}yGdVTXkeyVicrn|P5f*0*9_&r=(pwg4>!F8APC=sc2*DHtn_F@yq~P7=me5L^t)&4k@n+G|"
    "-B8<92;GSUcaqG`@BhD<RRc@$rr=w6y!X%dzW@9G_y2DJ-rZrsdoudLX=621Tktu*oz+rplQy{@RnEcT{<CHqu%S"
    "lsueI0BBO>1huXEV+%fJb|ibW)FIR{6))h9(5ggu${F!Jna<%9OM)-"
    "f+;_lXAAhFjhZWQU&K9y)MJOBMjbjI&a`yLdx?B|eF~^0xShJ8+!lqRR&6u$qIkl$Dv#cU{d~XO3X&ADRmX;@)mw"
    "_!>+cHr_nK>+|9;7;LqWePOcB4sR`XoD4geBPFm?zztr@``~}BH5USo5OI-"
    "Iz+h;)I#i>I5i>{R-92fJs(vZ}@{yuqW}UCfqgs|mE3L;8dP%qo-cVuQ$P@Zgpg>?kX|PV%8?B2(e8OHyxIk={JG"
    "8au>R;rqJ4TRDs3MqUp}|k*nFwQWjrs~Wols<R>9OKuV<;hrBLP`miJgdpq~Jfc9&f5+ZZ3n=7I5d!nk;{B|9b6<"
    "%vwO!MgxwED7jLLvJ3n!Vs}`LjBsuygby=t@~L9on1q8}@r2AH36ujJ0siO3M$Ma1xjS!b7~s<8`Y#KiXYK0R>f{"
    "u0z>|09zn(G@yw_@-"
    "q)t|AN}4fXJ=F{}d6i9CT>ciu)@;;wnUyW~kD*FyRo1<en=xeR$#^BWOV+fUb)JoX@R8@%k8H(fd9kA|P;24mG{r"
    "r{ybC-;x+614Dg>?KM%20}UF5jx?conW8e~}}2rc{|W!?qE<=h{GN331MdO-TtRql_=2!dheeOOKV^W1A4<X~y1+"
    "E~M8)B-a#Cwk)>n(8mXn0;-|AvT&})@gJbk(Q3l22GoJB)@-"
    "oTdP6Tfrp9`TEOkz4|D_Y*bAC>dZ@((Hp<Q{`CHZI^zUhLmI5n|OM`2#q^S}Abu19$2fNGekk17|)_8fl_~6VrI9"
    "0m%NE)sMaD*A+k3KtEd*XN9`${OM3w&eB#zwlNz`HtT_RS7V&6-"
    "`%?|7tVVx{CyLx(S~hoioda9YU_FuL*lHy9ci<svA;sHt1dM!(Z7OX!p5;eyVS;0M&Eo_0*<lh#Al2dyVpzQJSe{"
    "LeT4?fu8R0Liz!hy"
)


@cache
def populated_cells() -> NDArray[np.bool_]:
    """Return [90, 180]: rows from the south pole, columns from -180 degrees."""
    packed = np.frombuffer(zlib.decompress(base64.b85decode(CELLS)), dtype=np.uint8)
    return np.unpackbits(packed)[: ROWS * COLUMNS].reshape(ROWS, COLUMNS).astype(np.bool_)


def are_populated(lat_deg: ArrayLike, lon_deg: ArrayLike) -> NDArray[np.bool_]:
    """Return which points lie in a cell with a town; False for what is no point on Earth."""
    lat = np.asarray(lat_deg, dtype=np.float64)
    lon = np.asarray(lon_deg, dtype=np.float64)
    with np.errstate(invalid="ignore"):
        valid = (np.abs(lat) <= 90) & (np.abs(lon) <= 180)
    row = np.clip((np.where(valid, lat, 0) + 90) // CELL_DEG, 0, ROWS - 1).astype(int)
    column = ((np.where(valid, lon, 0) + 180) // CELL_DEG).astype(int) % COLUMNS
    found: NDArray[np.bool_] = populated_cells()[row, column] & valid
    return found
