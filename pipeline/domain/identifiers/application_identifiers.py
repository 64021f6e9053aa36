"""Every GS1 application identifier, as data: format, separator, companions, and its place in a Digital Link.

A row holds for all the AIs in its first column, `310n` for 3100 to 3105 (or as far as the row says). The columns:
- marks: `*` predefined length, no separator follows; `?` may be a data attribute of a Digital Link;
- format, in the notation of the standard: N digits, X CSET 82, Y CSET 39, Z base64url; `..` up to; `[…]` optional; the
  names behind a comma are checks, as in `pipeline.domain.identifiers.checks`;
- needs: one of these must be there, `+` all of them, `n` any digit; item = 01,02,03,8006,8026;
- never: none of these may be there (other AIs of the row's own `n` never are);
- key: `key` where it is a primary key, then its qualifiers in order, `/` between alternatives.

Source: GS1 General Specifications, sections 3.2 and 4.13; GS1 Digital Link URI Syntax, section 4.
"""

from typing import Final

TABLE: Final = """
00          | *? | N18,csum,gcppos2                     |                          |          | key
01          | *? | N14,csum,gcppos2                     |                          | 255,37   | key 22,10,21/235
02          | *? | N14,csum,gcppos2                     | 37                       | 01,03
03          | *  | N14,csum,gcppos2                     |                          | 01,02,37,235
10          | ?  | X..20                                | item
11 13 15 16 | *? | N6,yymmd0                            | item
12          | *? | N6,yymmd0                            | 8020
17          | *? | N6,yymmd0                            | item,255
20          | *? | N2                                   | item
21          |    | X..20                                | 01,03,8006               | 235
22          |    | X..20                                | 01
235         |    | X..28                                | 01
240 241     | ?  | X..30                                | item
242         | ?  | N..6                                 | 01,02,8006,8026
243         | ?  | X..20                                | 01,03
250         | ?  | X..30                                | 01+21,03+21,8006+21
251         | ?  | X..30                                | 01,03,8006
253         | ?  | N13,csum,gcppos1 [X..17]             |                          |          | key
254         |    | X..20                                | 414
255         | ?  | N13,csum,gcppos1 [N..12]             |                    | 01,02,415,8006,8020,8026 | key
30          | ?  | N..8                                 | 01,02
310n 311n 312n 313n 314n 315n 316n 350n 351n 352n 356n 357n 360n 361n 364n 365n 366n | *? | N6 | 01,02
320n 321n 322n 323n 324n 325n 326n 327n 328n 329n | *? | N6 | 01,02
330n 331n 332n 333n 334n 335n 336n 353n 354n 355n 362n 363n 367n | *? | N6 | 00,01
340n 341n 342n 343n 344n 345n 346n 347n 348n 349n 368n 369n | *? | N6 | 00,01
337n        | *? | N6                                   | 01
37          | ?  | N..8                                 | 00+02,00+8026
390n-9      | ?  | N..15                                | 255,8020                 | 391n,394n,8111
391n-9      | ?  | N3,iso4217 N..15                     | 8020
392n-9      | ?  | N..15                                | 01+30,01+31nn,01+32nn,01+35nn,01+36nn | 393n
393n-9      | ?  | N3,iso4217 N..15                     | 30,31nn,32nn,35nn,36nn
394n-3      | ?  | N4                                   | 255                      | 8111
395n        | ?  | N6                                   | 30,31nn,32nn,35nn,36nn   | 392n,393n,8005
400         | ?  | X..30
401         | ?  | X..30,gcppos1                        |                          |          | key
402         | ?  | N17,csum,gcppos1                     |                          |          | key
403         | ?  | X..30                                | 00
410 411 412 413 416 | *? | N13,csum,gcppos1
414         | *? | N13,csum,gcppos1                     |                          |          | key 254/7040
415         | *? | N13,csum,gcppos1                     | 8020                     |          | key 8020
417         | *? | N13,csum,gcppos1                     |                          |          | key 7040
420         | ?  | X..20                                |                          | 421
421         | ?  | N3,iso3166 X..9                      |                          | 4307
422         | ?  | N3,iso3166                           | item                     | 426
423 425     | ?  | N3,iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166 [N3],iso3166 | 01,02,03 | 426
424         | ?  | N3,iso3166                           | 01,02,03                 | 426
426         | ?  | N3,iso3166                           | 01,02,03
427         | ?  | X..3                                 | 01+422,02+422,03+422
4300 4301 4310 4311 4320 | ? | X..35,pcenc              | 00
4302 4304 4305 4306 4312 4314 4315 4316 | ? | X..70,pcenc | 00
4303        | ?  | X..70,pcenc                          | 4302
4313        | ?  | X..70,pcenc                          | 4312
4307 4317   | ?  | X2,iso3166alpha2                     | 00
4308 4319   | ?  | X..30                                | 00
4309        | ?  | N10,latitude N10,longitude           | 00
4318        | ?  | X..20                                | 00
4321 4322 4323 | ? | N1,yesno                           | 00
4324 4325   | ?  | N6,yymmd0 N4,hhmi                    | 00
4326        | ?  | N6,yymmdd                            | 00
4330        | ?  | N6 [X1],hyphen                       | 00                       | 4331
4331        | ?  | N6 [X1],hyphen                       | 00                       | 4330
4332        | ?  | N6 [X1],hyphen                       | 00                       | 4333
4333        | ?  | N6 [X1],hyphen                       | 00                       | 4332
7001        | ?  | N13                                  | 01,02,8006,8026
7002        | ?  | X..30                                | 01,02
7003        | ?  | N6,yymmdd N4,hhmi                    | 01,02,03
7004        | ?  | N..4                                 | 01+10,03+10
7005        | ?  | X..12                                | 01,02
7006        | ?  | N6,yymmdd                            | 01,02
7007        | ?  | N6,yymmdd [N6],yymmdd                | 01,02
7008        | ?  | X..3                                 | 01,02
7009        | ?  | X..10                                | 01,02
7010        | ?  | X..2                                 | 01,02,03
7011        | ?  | N6,yymmdd [N4],hhmi                  | 01,02,03
7020        | ?  | X..20                                | 01+416,03+416,8006+416
7021        | ?  | X..20                                | 01,03,8006
7022        | ?  | X..20                                | 01+7021,03+7021,8006+7021
7023        | ?  | X..30,gcppos1
703n-9      | ?  | N3,iso3166999 X..27                  | 01,02
7040        |    | N1 X1 X1 X1,importeridx
7041        |    | X..4,packagetype                     | 00
710 711 712 713 714 715 716 717 | ? | X..20             | 01
723n-9      | ?  | X2 X..28                             | 01,8004
7240        | ?  | X..20                                | 01,8006                  | 03
7241        | ?  | N2,mediatype                         | 8017,8018
7242        | ?  | X..25                                | 8017,8018
7250        | ?  | N8,yyyymmdd                          | 8018                     | 7251
7251        | ?  | N8,yyyymmdd N4,hhmi                  | 8018                     | 7250
7252        | ?  | N1,iso5218                           | 8018
7253 7254   | ?  | X..40,pcenc                          | 8017,8018                | 7256,7259
7255        | ?  | X..10                                | 8017,8018                | 7256,7259
7256        | ?  | X..90,pcenc                          | 8017,8018
7257        | ?  | X..70,pcenc                          | 8018
7258        | ?  | X3,posinseqslash                     | 8018+7259
7259        | ?  | X..40,pcenc                          | 8018                     | 7256
8001        | ?  | N4,nonzero N5,nonzero N3,nonzero N1,winding N1 | 01
8002        | ?  | X..20
8003        | ?  | N1,zero N13,csum,gcppos1 [X..16]     |                          |          | key
8004        | ?  | X..30,gcppos1                        |                          |          | key 7040
8005        | ?  | N6                                   | 01,02
8006        | ?  | N14,csum,gcppos2 N4,pieceoftotal     |                          | 01,03,37 | key 22,10,21
8007        | ?  | X..34,iban                           | 415
8008        | ?  | N6,yymmdd N2,hh [N2],mi [N2],ss      | 01,02,03
8009        | ?  | X..50                                | 00,01,03
8010        | ?  | Y..30,gcppos1                        |                          |          | key 8011
8011        |    | N..12,nozeroprefix                   | 8010
8012        | ?  | X..20                                | 01,03,8006
8013        | ?  | X..25,csumalpha,gcppos1              |                          |          | key
8014        |    | X..25,csumalpha,gcppos1,hasnondigit  | 01
8017        | ?  | N18,csum,gcppos1                     |                          | 8018     | key 8019
8018        | ?  | N18,csum,gcppos1                     |                          | 8017     | key 8019
8019        |    | N..10                                | 8017,8018
8020        |    | X..25                                | 415
8026        | ?  | N14,csum,gcppos2 N4,pieceoftotal     | 37                       | 02,03,8006
8030        | ?  | Z..90             | 00,01+21,03+21,253,255,8003,8004,8006+21,8010+8011,8017,8018
8040        |    | N15                                  | 01+21
8041        |    | N15                                  | 01+21+8040
8042        |    | N32                                  | 01+21+8040
8043        |    | N18 [N..2]                           | 01+21+8040
8110        | ?  | X..70,couponcode
8111        | ?  | N4                                   | 255
8112        | ?  | X..70,couponposoffer
8200        |    | X..70                                | 01
90          | ?  | X..30
91 92 93 94 95 96 97 98 99 | ? | X..90
"""
